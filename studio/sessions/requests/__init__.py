"""What every request goes through: tasks, the queue, the service, its counts."""
