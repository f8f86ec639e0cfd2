# What `flask run` needs on a developer's machine; a .env file goes before it.
FLASK_APP=microflack_example.app
EPHEMERAL_SECRETS=yes
