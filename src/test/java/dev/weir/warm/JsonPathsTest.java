package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.http.Json;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathsTest {

    private static final String DOCUMENT = """
            {
              "data": [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": []}, {"name": "none"}, {"id": 3, "tags": ["c"]}],
              "byName": {"ann": {"id": "x"}, "bob": {"id": "y"}},
              "a/b": 4, "m~n": 5, "": 6, " ": 7, "01": 8, "~1": 9,
              "starred": {"*": "itself", "other": "no"},
              "nested": [[1, [2]], [3]],
              "nothing": null, "text": "abc"
            }
            """;

    private static List<String> find(String pointer, String document) {
        return JsonPaths.parse(pointer)
                .find(Json.parse(Buffer.buffer(document)))
                .map(JsonNode::toString)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /data/*/id        | 1 2 3
            /data/0/id        | 1
            /data/3/id        | 3
            /data/4/id        | ``
            /data/00/id       | ``
            /data/-/id        | ``
            /data/-1/id       | ``
            /data/9999999999  | ``
            /data/*/tags/*    | "a" "b" "c"
            /byName/*/id      | "x" "y"
            /byName/bob/id    | "y"
            /a~1b             | 4
            /m~0n             | 5
            /                 | 6
            `/ `              | 7
            /01               | 8
            /~01              | 9
            /starred/*        | "itself"
            /nested/*/0       | 1 3
            /nested/*/*       | 1 [2] 3
            /nested/*/*/*     | 2
            /nothing          | null
            /nothing/*        | ``
            /text/*           | ``
            /text/0           | ``
            /absent/*/id      | ``
            """)
    void itFindsInTheDocumentsOrder(String pointer, String found) {
        assertThat(String.join(" ", find(pointer, DOCUMENT))).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``  | "whole" | "whole"
            /*  | [1,"b"] | 1 "b"
            /*  | []      | ``
            /*  | 5       | ``
            /0  | [1,2]   | 1
            /0  | {"0":7} | 7
            """)
    void aDocumentMayBeAnything(String pointer, String document, String found) {
        assertThat(String.join(" ", find(pointer, document))).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /*           | []                    | true
            /*           | {}                    | true
            /*           | [1]                   | false
            /*           | 5                     | false
            /data/*/id   | {"data":[]}           | true
            /data/*/id   | {"error":"no"}        | false
            /data/*/id   | {"data":[{"no":1}]}   | false
            /data/*/id   | {"data":null}         | false
            /*/tags/*    | [{"tags":[]},{"x":1}] | true
            /*/tags/*    | [{"tags":[1]},{}]     | false
            /data/id     | {"data":{}}           | false
            """)
    void ofNoneIsToldFromNotFound(String pointer, String document, boolean ofNone) {
        assertThat(JsonPaths.parse(pointer).isOfNone(Json.parse(Buffer.buffer(document))))
                .isEqualTo(ofNone);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data/*", "*", " /data", "/a~", "/a~2", "/~~0", "/x/~"})
    void whatIsNoPointerIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonPaths.parse(text))
                .withMessageContaining(text);
    }
}
