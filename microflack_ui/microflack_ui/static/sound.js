// The sound of news: two short tones.

const TONES_HZ = [660, 880];
const TONE_SECONDS = 0.12;
const LOUDNESS = 0.08;

let context = null;

// Browsers make no sound before somebody has clicked or typed somewhere in the page. What
// was to be heard before that would be heard all at once then.
export async function chime() {
  if (navigator.userActivation?.hasBeenActive === false) return;
  context ??= new AudioContext();
  // One that was stopped, or made too early, stays silent until it is asked to go on.
  if (context.state !== "running") await context.resume();
  play();
}

function play() {
  TONES_HZ.forEach((frequency, place) => {
    const start = context.currentTime + place * TONE_SECONDS;
    const gain = new GainNode(context, { gain: LOUDNESS });
    gain.gain.setTargetAtTime(0, start + TONE_SECONDS / 2, TONE_SECONDS / 4);
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain).connect(context.destination);
    tone.start(start);
    tone.stop(start + 2 * TONE_SECONDS);
  });
}
