module mothership.dev/lab/image

go 1.24.0
