package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisInfoTest {

    private static final String TEXT = """
            # Server\r
            redis_version:7.0.15\r
            uptime_in_seconds:93\r
            \r
            # Memory\r
            used_memory:850\r
            maxmemory:1000\r
            maxmemory_policy:allkeys-lru\r
            # Stats\r
            connected_clients:3\r
            instantaneous_ops_per_sec:12\r
            keyspace_hits:30\r
            keyspace_misses:10\r
            evicted_keys:7\r
            executable:C:/redis/redis-server\r
            """;

    private static RedisInfo info(String more) {
        return RedisInfo.parse(TEXT + more.replace("; ", "\r\n"));
    }

    @Test
    void figuresAreRead() {
        RedisInfo info = info("");
        assertThat(info.version()).isEqualTo("7.0.15");
        assertThat(info.uptimeMs()).isEqualTo(93_000);
        assertThat(info.clients()).isEqualTo(3);
        assertThat(info.usedBytes()).isEqualTo(850);
        assertThat(info.maxBytes()).isEqualTo(1000);
        assertThat(info.memoryRatio()).isEqualTo(0.85);
        assertThat(info.opsPerSecond()).isEqualTo(12);
        assertThat(info.hitRate()).isEqualTo(0.75);
        assertThat(info.evictedKeys()).isEqualTo(7);
        assertThat(info.evictionPolicy()).isEqualTo("allkeys-lru");
        assertThat(info.refusesWhenFull()).isFalse();
        assertThat(info.reasons()).as("85 %% are not over 85 %%").isEmpty();
    }

    @Test
    void whatIsNotSaidIsNotKnown() {
        RedisInfo info = RedisInfo.parse("maxmemory:0\r\nused_memory:many\r\nkeyspace_hits:0\r\nkeyspace_misses:0\r\n");
        assertThat(info.maxBytes()).isNull();
        assertThat(info.memoryRatio()).isNull();
        assertThat(info.usedBytes()).isNull();
        assertThat(info.hitRate()).isNull();
        assertThat(info.version()).isNull();
        assertThat(info.reasons()).isEmpty();
        assertThat(RedisInfo.UNKNOWN.uptimeMs()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "used_memory:851; maxmemory_policy:noeviction | 85 % of its memory is used",
                "used_memory:1000; maxmemory_policy:noeviction | refuses writes",
                "loading:1 | loading",
                "role:slave; master_link_status:down | link to its master",
                "role:slave; master_link_status:up | is a replica",
                "role:master; slave0:ip=10.0.0.1,port=6379,state=wait_bgsave,offset=0 | replica 0",
                "rdb_last_bgsave_status:err | snapshot failed",
                "aof_last_write_status:err | append-only file",
            })
    void whatIsWrongIsSaid(String more, String words) {
        assertThat(info(more).reasons()).anyMatch(reason -> reason.contains(words));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "loading:0; role:master; slave0:ip=10.0.0.1,port=6379,state=online,offset=0,lag=1",
                "rdb_last_bgsave_status:ok; aof_last_write_status:ok",
                "used_memory:999; maxmemory:0",
                "used_memory:850; maxmemory_policy:noeviction",
                "used_memory:999; maxmemory_policy:allkeys-lru",
            })
    void whatIsAsItShouldBeIsNoReason(String more) {
        assertThat(info(more).reasons()).isEmpty();
    }
}
