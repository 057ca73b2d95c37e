#pragma once

/// How often this process has asked for memory so far, in all of its threads.
long allocation_count(void);
