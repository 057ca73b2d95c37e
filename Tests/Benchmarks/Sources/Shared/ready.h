#pragma once
#include "shared.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/// Says READY=1 where NOTIFY_SOCKET asks for it, as services of systemd do; false where nobody asks.
static inline bool say_ready(void) {
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path) return false;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (sendto(notify, "READY=1", 7, 0, (struct sockaddr *)&address, length) < 0) fail(path);
    return true;
}
