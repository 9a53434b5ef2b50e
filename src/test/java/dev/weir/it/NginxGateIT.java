package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.Nginx;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The real nginx asks the gate before it lets a request pass to the server behind it. */
class NginxGateIT {

    @Test
    void nginxRefusesTheSixthCall() {
        try (RedisServer redis = RedisServer.start();
                WeirProcess weir = WeirProcess.builder()
                        .redis(redis)
                        .property("weir.redis.timeout", "5s")
                        .property("weir.limits.site.limit", "5")
                        .property("weir.limits.site.window", "1h")
                        .property("weir.limits.forms.limit", "1")
                        .property("weir.limits.forms.window", "1h")
                        .start();
                Origin origin = Origin.open()) {
            await().atMost(Duration.ofSeconds(10)).until(() -> Seen.mode(weir).equals("shared"));
            origin.on("/").body(request -> "behind nginx".getBytes(StandardCharsets.UTF_8));
            try (Nginx nginx = Nginx.start(upstream(weir), server(origin))) {
                for (int call = 1; call <= 5; call++) {
                    HttpResponse<byte[]> passed = Http.get(nginx.url("/page?key=someone-else"));
                    assertThat(Seen.text(passed, 200)).as("call " + call).isEqualTo("behind nginx");
                    assertThat(Http.header(passed, "RateLimit")).startsWith("\"site\";r=" + (5 - call) + ";t=");
                }
                for (int call = 6; call <= 8; call++) {
                    HttpResponse<byte[]> refused = Http.get(nginx.url("/page?key=yet-someone-else"));
                    assertThat(refused.statusCode())
                            .as("call " + call + "\n" + nginx.logText())
                            .isEqualTo(403);
                    assertThat(Http.text(refused)).contains("nginx");
                }
                assertThat(origin.calls())
                        .as("what was refused has not come through")
                        .isEqualTo(5);

                HttpResponse<byte[]> posted = Http.post(nginx.url("/form"), "a=b", "text/plain");
                assertThat(posted.statusCode()).isEqualTo(200);
                assertThat(origin.last("/form").text()).isEqualTo("a=b");
                assertThat(Http.post(nginx.url("/form"), "a=b", "text/plain").statusCode())
                        .isEqualTo(403);
                assertThat(origin.calls("/form")).isEqualTo(1);
            }
        }
    }

    /** By a name, as a proxy knows Weir: nginx looks up no other while it answers a request. */
    private static String upstream(WeirProcess weir) {
        return "upstream weir { server 127.0.0.1:" + weir.port() + "; }";
    }

    private static String server(Origin origin) {
        return """
                location / {
                    auth_request /gate;
                    auth_request_set $limit $upstream_http_ratelimit;
                    add_header RateLimit $limit always;
                    proxy_pass ORIGIN;
                }
                location = /form {
                    auth_request /gate-of-forms;
                    proxy_pass ORIGIN;
                }
                location = /gate {
                    internal;
                    proxy_pass http://weir/v1/gate/site?key=$remote_addr&deny=403;
                    proxy_pass_request_body off;
                    proxy_set_header Content-Length "";
                }
                location = /gate-of-forms {
                    internal;
                    proxy_pass http://weir/v1/gate/forms?key=$remote_addr&deny=403;
                    proxy_pass_request_body off;
                    proxy_set_header Content-Length "";
                }
                """.replace("ORIGIN", origin.url());
    }
}
