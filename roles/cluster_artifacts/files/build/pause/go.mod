module gedge.engine/pause

go 1.26.0
