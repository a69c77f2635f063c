"""Whether pixels can be a whole-body bone scan, judged before the model speaks."""
