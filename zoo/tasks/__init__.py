"""What ``fit`` trains: model + data + loss + scores; one file per task word."""
