// PCRE2's header is for one width of code unit; weir matches bytes.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
