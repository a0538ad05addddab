"""How are models reached: requests with typed faults, streams with time stamps, what a server says of itself?"""
