"""Asks what stands in for Amazon, again and again: the command aws takes a second each.

    python asking.py

A line of JSON is a question: a service, an operation and its parameters. The answer is
one, too: what was found, or the error.
"""

import json
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def main():
    """Answer until there are no more questions."""
    clients = {}
    for line in sys.stdin:
        service, operation, parameters = json.loads(line)
        if service not in clients:
            clients[service] = boto3.client(service)
        try:
            answer = {"found": getattr(clients[service], operation)(**parameters)}
        except (BotoCoreError, ClientError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()
