"""ServiceRequest: what is planned at the devices, the scheduled procedure steps."""
