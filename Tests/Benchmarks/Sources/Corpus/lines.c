#include "corpus.h"

#include <time.h>

static const char *const methods[] = {"GET", "GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD"};
static const char *const pages[] = {
    "/", "/index.html", "/api/v1/orders", "/api/v1/orders/items", "/api/v2/users/profile", "/static/js/app.min.js",
    "/static/css/main.css", "/images/logo.png", "/search", "/login", "/health", "/metrics", "/cart/checkout",
    "/favicon.ico", "/blog/2026/05/how-we-scaled"};
static const char *const statuses[] = {"200", "200", "200", "200", "200", "200", "204", "301", "302", "304",
                                       "304", "400", "401", "403", "404", "404", "499", "500", "502", "503"};
static const char *const referrers[] = {"-", "-", "https://www.example.com/", "https://www.example.com/search?q=shoes",
                                        "https://news.example.org/item/4711", "https://m.example.com/cart"};
static const char *const browsers[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "curl/8.5.0", "kube-probe/1.29", "Prometheus/2.52.0", "python-requests/2.32.3",
    "Googlebot/2.1 (+http://www.google.com/bot.html)"};
static const char *const hosts[] = {"web01",   "web02",      "web03",      "db01",      "db02",
                                    "cache01", "edge-fra-1", "edge-ams-2", "worker-17", "worker-18"};
static const char *const programs[] = {"sshd",    "systemd", "kernel",         "cron", "postfix/smtpd",
                                       "dockerd", "kubelet", "NetworkManager", "sudo", "haproxy"};
static const char *const users[] = {"root", "deploy", "alice", "bob", "postgres", "www-data", "backup", "git"};
static const char *const levels[] = {"debug", "info", "info", "info", "info", "info", "warn", "error"};
static const char *const services[] = {"orders", "payments", "users", "search", "mailer", "recommender", "inventory"};
static const char *const messages[] = {
    "request completed", "cache miss, loading from the database", "user logged in", "retrying after a backoff",
    "connection pool resized", "slow query detected", "job finished", "feature flag evaluated",
    "rate limit applied to the client", "upstream responded with an error, will retry",
    "café order n° accepted — thanks", "payment_gateway_retry scheduled"};
static const char *const packages[] = {"com.example.orders", "com.example.payments.core",
                                       "org.springframework.web.servlet", "org.hibernate.engine.jdbc",
                                       "java.util.concurrent", "io.netty.channel.nio"};
static const char *const classes[] = {"OrderService", "PaymentClient", "DispatcherServlet", "JdbcCoordinatorImpl",
                                      "ThreadPoolExecutor", "NioEventLoop", "RetryTemplate", "ConnectionPool"};
static const char *const functions[] = {"process", "invoke",  "doDispatch", "executeQuery", "runWorker",
                                        "run",     "execute", "acquire",    "handleRequest"};
static const char *const exceptions[] = {
    "java.lang.NullPointerException", "java.sql.SQLTransientConnectionException",
    "java.util.concurrent.TimeoutException", "java.io.IOException", "org.example.OrderRejectedException"};

// The log's clock: 17 May 2026, and some hundred microseconds a line.
static time_t second = 1779000000;
static uint32_t microsecond;
static struct {
    time_t second;
    char nginx[32], syslog[32], iso[32];
} dates;

void put_text(struct line *line, const char *text) {
    size_t length = strlen(text);
    memcpy(line->bytes + line->length, text, length);
    line->length += length;
}

void put_number(struct line *line, uint32_t value, int width) {
    char digits[16];
    int place = sizeof digits;
    do digits[--place] = (char)('0' + value % 10);
    while ((value /= 10) > 0 || (int)sizeof digits - place < width);
    memcpy(line->bytes + line->length, digits + place, sizeof digits - (size_t)place);
    line->length += sizeof digits - (size_t)place;
}

void put_hexadecimal(struct line *line, uint32_t value) {
    for (int shift = 28; shift >= 0; shift -= 4) line->bytes[line->length++] = "0123456789abcdef"[value >> shift & 15];
}

static void advance_clock(void) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    microsecond += 137 + below(400);
    if (microsecond >= 1000000) microsecond -= 1000000, second++;
    if (dates.second == second) return;
    struct tm t;
    gmtime_r(&second, &t);
    const char *month = months[t.tm_mon];
    int year = t.tm_year + 1900;
    snprintf(dates.nginx, sizeof dates.nginx, "%02d/%s/%d:%02d:%02d:%02d +0000", t.tm_mday, month, year, t.tm_hour,
             t.tm_min, t.tm_sec);
    snprintf(dates.syslog, sizeof dates.syslog, "%s %2d %02d:%02d:%02d", month, t.tm_mday, t.tm_hour, t.tm_min,
             t.tm_sec);
    snprintf(dates.iso, sizeof dates.iso, "%d-%02d-%02dT%02d:%02d:%02d", year, t.tm_mon + 1, t.tm_mday, t.tm_hour,
             t.tm_min, t.tm_sec);
    dates.second = second;
}

static void put_address(struct line *line) {
    for (int part = 0; part < 4; part++) {
        if (part > 0) put_text(line, ".");
        put_number(line, 1 + below(254), 0);
    }
}

/// What is looked for, behind `before`, if there is any.
static void put_behind(struct line *line, const char *before, const struct line *findable) {
    if (findable->length == 0) return;
    put_text(line, before);
    memcpy(line->bytes + line->length, findable->bytes, findable->length);
    line->length += findable->length;
}

static void put_nginx(struct line *line, const struct line *findable) {
    put_address(line);
    put_text(line, " - ");
    put_text(line, below(8) ? "-" : PICK(users));
    put_text(line, " [");
    put_text(line, dates.nginx);
    put_text(line, "] \"");
    put_text(line, PICK(methods));
    put_text(line, " ");
    put_text(line, PICK(pages));
    put_text(line, "?id=");
    put_number(line, below(1000000), 0);
    put_behind(line, "&msg=", findable);
    put_text(line, " HTTP/1.1\" ");
    put_text(line, PICK(statuses));
    put_text(line, " ");
    put_number(line, below(65000), 0);
    put_text(line, " \"");
    put_text(line, PICK(referrers));
    put_text(line, "\" \"");
    put_text(line, PICK(browsers));
    put_text(line, "\"");
}

static void put_session(struct line *line) {
    put_text(line, "pam_unix(sudo:session): session opened for user ");
    put_text(line, PICK(users));
    put_text(line, "(uid=");
    put_number(line, below(2000), 0);
    put_text(line, ") by (uid=");
    put_number(line, below(2000), 0);
    put_text(line, ")");
}

static void put_event(struct line *line) {
    switch (below(5)) {
    case 0:
        put_text(line, "Accepted publickey for ");
        put_text(line, PICK(users));
        put_text(line, " from ");
        put_address(line);
        put_text(line, " port ");
        put_number(line, 1024 + below(60000), 0);
        return put_text(line, " ssh2");
    case 1:
        put_text(line, "Started session ");
        put_number(line, below(100000), 0);
        put_text(line, " of user ");
        put_text(line, PICK(users));
        return put_text(line, ".");
    case 2:
        put_text(line, "(");
        put_text(line, PICK(users));
        put_text(line, ") CMD (/usr/local/bin/rotate --keep ");
        put_number(line, below(90), 0);
        return put_text(line, " --dir /var/log/app)");
    case 3: return put_session(line);
    default:
        put_text(line, "health check for container ");
        put_hexadecimal(line, below(UINT32_MAX));
        put_hexadecimal(line, below(UINT32_MAX));
        put_text(line, " took ");
        put_number(line, below(3000), 0);
        return put_text(line, " ms");
    }
}

static void put_syslog(struct line *line, const struct line *findable) {
    put_text(line, dates.syslog);
    put_text(line, " ");
    put_text(line, PICK(hosts));
    put_text(line, " ");
    put_text(line, PICK(programs));
    put_text(line, "[");
    put_number(line, 100 + below(60000), 0);
    put_text(line, "]: ");
    put_event(line);
    put_behind(line, " ", findable);
}

static void put_json(struct line *line, const struct line *findable) {
    put_text(line, "{\"ts\":\"");
    put_text(line, dates.iso);
    put_text(line, ".");
    put_number(line, microsecond, 6);
    put_text(line, "Z\",\"level\":\"");
    put_text(line, PICK(levels));
    put_text(line, "\",\"service\":\"");
    put_text(line, PICK(services));
    put_text(line, "\",\"trace_id\":\"");
    put_hexadecimal(line, below(UINT32_MAX));
    put_hexadecimal(line, below(UINT32_MAX));
    put_text(line, "\",\"msg\":\"");
    put_text(line, PICK(messages));
    put_behind(line, " ", findable);
    put_text(line, "\",\"duration_ms\":");
    put_number(line, below(5000), 0);
    put_text(line, ",\"user_id\":");
    put_number(line, below(1000000), 0);
    put_text(line, "}");
}

static void put_java(struct line *line, const struct line *findable) {
    put_text(line, dates.iso);
    put_text(line, ",");
    put_number(line, microsecond / 1000, 3);
    put_text(line, " ERROR [http-nio-8080-exec-");
    put_number(line, below(200), 0);
    put_text(line, "] ");
    put_text(line, PICK(packages));
    put_text(line, ".");
    put_text(line, PICK(classes));
    put_text(line, " - Unhandled exception: ");
    put_text(line, PICK(exceptions));
    put_behind(line, " ", findable);
}

static void put_trace(struct line *line, const struct line *findable) {
    if (findable->length > 0) {
        put_text(line, "Caused by: ");
        put_text(line, PICK(exceptions));
        return put_behind(line, ": ", findable);
    }
    put_text(line, "\tat ");
    put_text(line, PICK(packages));
    put_text(line, ".");
    put_text(line, PICK(classes));
    put_text(line, ".");
    put_text(line, PICK(functions));
    put_text(line, "(");
    put_text(line, PICK(classes));
    put_text(line, ".java:");
    put_number(line, 20 + below(900), 0);
    put_text(line, ")");
}

void put_line(struct line *line, uint32_t needles) {
    static uint32_t trace_lines_left;
    struct line findable = {.length = 0};
    put_findable(&findable, needles);
    advance_clock();
    uint32_t lot = below(1000);
    if (trace_lines_left > 0) {
        trace_lines_left--;
        put_trace(line, &findable);
    } else if (lot < 460) {
        put_nginx(line, &findable);
    } else if (lot < 710) {
        put_syslog(line, &findable);
    } else if (lot < 982) {
        put_json(line, &findable);
    } else {
        put_java(line, &findable);
        trace_lines_left = 3 + below(12);
    }
    put_text(line, "\n");
}

void put_last(struct line *line) {
    put_text(line, "zz_end_of_corpus_zz ");
    put_all_findable(line);
    put_text(line, " the last line of this corpus\n");
}
