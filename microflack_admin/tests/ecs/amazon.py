"""What stands in for Amazon: moto's server."""

import json
import os
import subprocess
from pathlib import Path

from daemons import Daemon, free_port, wait_for

ADMIN = Path(__file__).resolve().parents[2]
ECS = ADMIN / "install" / "ecs"
CLUSTER = "microflack"
# Made by mftest. Another aws on this machine is not asked.
TOOLS = Path(os.environ.get("MF_RESULTS", "/nonexistent")).parent / "venvs/ecs/bin"


class Amazon:
    """An account at an Amazon of the tests' own."""

    def __init__(self, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._environ = os.environ | {
            "PATH": f"{TOOLS}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": os.devnull,
        }
        self._daemon = Daemon([*_program("cloud"), str(port)], folder / "amazon.log")
        self._asking = None

    def start(self):
        """Start it, and wait until it answers."""
        self._daemon.start()
        self._asking = subprocess.Popen(
            _program("asking"),
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: "found" in self._answer("ecs", "list_clusters", {}), 180)

    def stop(self):
        """Stop it; all that it knew is gone."""
        if self._asking:
            self._asking.communicate()
        self._daemon.stop()

    def deploy(self, *arguments):
        """Run install/ecs/deploy; return what it did."""
        return subprocess.run(
            [ECS / "deploy", *arguments],
            env=self._environ,
            capture_output=True,
            text=True,
        )

    def ask(self, service, operation, **parameters):
        """Ask something that has to work; return the answer."""
        answer = self._answer(service, operation, parameters)
        assert "found" in answer, answer
        return answer["found"]

    def _answer(self, *question):
        self._asking.stdin.write(json.dumps(question) + "\n")
        self._asking.stdin.flush()
        return json.loads(self._asking.stdout.readline())

    def stacks(self):
        """Return the state of each stack that is there, by its name."""
        found = self.ask("cloudformation", "describe_stacks")["Stacks"]
        return {one["StackName"]: one["StackStatus"] for one in found}

    def output(self, stack, name):
        """Return an output of a stack."""
        asked = {"StackName": f"{CLUSTER}-{stack}"}
        (found,) = self.ask("cloudformation", "describe_stacks", **asked)["Stacks"]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
        return outputs[name]

    def containers(self, service):
        """Return the containers of a service's task, by their names, as it runs now."""
        asked = {"cluster": CLUSTER, "services": [service]}
        (found,) = self.ask("ecs", "describe_services", **asked)["services"]
        asked = {"taskDefinition": found["taskDefinition"]}
        told = self.ask("ecs", "describe_task_definition", **asked)["taskDefinition"]
        return {one["name"]: one for one in told["containerDefinitions"]}

    def environment(self, container):
        """Return what a container is given, its secrets as Fargate looks them up."""
        given = {one["name"]: one["value"] for one in container.get("environment", ())}
        for one in container.get("secrets", ()):
            given[one["name"]] = self.secret(one["valueFrom"])
        return given

    def secret(self, arn):
        """Return the text of a secret."""
        found = self.ask("secretsmanager", "get_secret_value", SecretId=arn)
        return found["SecretString"]

    def rules(self, listener):
        """Return a listener's rules that lead to a service, by their priority."""
        found = self.ask("elbv2", "describe_rules", ListenerArn=listener)["Rules"]
        return sorted(
            (one for one in found if one["Actions"][0]["Type"] == "forward"),
            key=lambda one: int(one["Priority"]),
        )

    def target_group(self, arn):
        """Return a target group, with its attributes among the rest."""
        asked = {"TargetGroupArns": [arn]}
        (found,) = self.ask("elbv2", "describe_target_groups", **asked)["TargetGroups"]
        asked = {"TargetGroupArn": arn}
        told = self.ask("elbv2", "describe_target_group_attributes", **asked)
        attributes = told["Attributes"]
        return found | {one["Key"]: one["Value"] for one in attributes}


def _program(name):
    """Return the command of a program beside this one, which needs what mftest made."""
    return [str(TOOLS / "python"), str(Path(__file__).with_name(f"{name}.py"))]
