"""The console script `profile-engine` and what the spark-submit jobs share with it: thin words around the workspace."""
