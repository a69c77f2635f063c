"""The simulated body: skeleton, soft tissue, build and posture."""
