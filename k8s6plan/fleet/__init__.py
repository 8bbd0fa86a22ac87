"""What the user has and wants: the fleet, its file, what else can be read, and who may talk."""
