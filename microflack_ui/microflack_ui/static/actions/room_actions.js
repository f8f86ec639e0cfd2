// What somebody does with rooms. All methods throw an ApiError that says why it was not
// done.

import { EVERYONE } from "../logic/rooms.js";

export class RoomActions {
  #api;
  #store;
  #roomList;
  #go;

  // `api`: that of rooms. `go(place)` shows a room.
  constructor({ api, store, roomList, go }) {
    this.#api = api;
    this.#store = store;
    this.#roomList = roomList;
    this.#go = go;
  }

  create = async (fields) => {
    const room = await this.#api.create(fields);
    this.#roomList.set(room);
    this.#go({ roomId: room.id });
  };

  // The conversation with these people: the one that there is, or a new one.
  openDirect = (userIds) => this.create({ kind: "direct", members: userIds });

  join = async (id) => {
    await this.#api.join(id, this.#userId);
    await this.#load(id);
  };

  leave = async (id) => {
    await this.#api.leave(id, this.#userId);
    this.#roomList.leave(id);
    this.#go({ roomId: EVERYONE });
  };

  change = async (id, fields) => {
    await this.#api.change(id, fields);
    await this.#load(id);
  };

  remove = async (id) => {
    await this.#api.remove(id);
    this.#roomList.drop(id);
    if (this.#store.get().place.roomId === id) this.#go({ roomId: EVERYONE });
  };

  notify = async (id, notify) => {
    await this.#api.notify(id, notify);
    await this.#load(id);
  };

  loadMembers = async () => {
    const { roomId } = this.#store.get().place;
    const members = await this.#api.members(roomId);
    if (this.#store.get().place.roomId === roomId) this.#store.set({ members });
  };

  addMember = async (id, userId) => {
    await this.#api.join(id, userId);
    await this.loadMembers();
  };

  removeMember = async (id, userId) => {
    await this.#api.leave(id, userId);
    await this.loadMembers();
  };

  async #load(id) {
    this.#roomList.set(await this.#api.room(id));
  }

  get #userId() {
    return this.#store.get().userId;
  }
}
