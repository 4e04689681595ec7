package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecTest {
  @Test
  void printsAndParsesAModel() {
    ModelSpec spec =
        new ModelSpec(
            "My model",
            List.of(
                new EntrySpec(
                    "predict",
                    List.of(
                        new TensorSpec("image", DType.F32, List.of("N", "max(2, C)", "64")),
                        new TensorSpec("a \"b\" \\ \n", DType.BOOL, List.of())),
                    List.of(new TensorSpec("logits", DType.BF16, List.of("N"))),
                    List.of("cache"))),
            List.of(
                new ParameterSpec("fc.weight", DType.F32, List.of(10L, 64L), "normal(std = 1)")),
            List.of(
                new StateSpec("cache", DType.I64, List.of("N", "4"), "zeros()", false),
                new StateSpec("/head:0", DType.F16, List.of(), "0.5", true)),
            new WeightNames(
                List.of(
                    new Rename("h.{p}", "head {p}", List.of(1, 0)),
                    new Rename("{..p}.count", "", List.of()))),
            OptionalLong.of(1 << 20));
    assertThat(spec.text())
        .isEqualTo(
            """
            model "My model"
            entry predict
              input image f32[N, max(2, C), 64]
              input "a \\"b\\" \\\\ \\u000a" bool[]
              output logits bf16[N]
              uses cache
            parameter fc.weight f32[10, 64] = normal(std = 1)
            state cache i64[N, 4] = zeros()
            trained "/head:0" f16[] = 0.5
            rename "h.{p}" "head {p}" 1 0
            rename "{..p}.count" ""
            limit 1048576
            """);
    assertThat(ModelSpec.parse(spec.text())).isEqualTo(spec);
    assertThat(ModelSpec.parse(TinyProgram.SPEC.text())).isEqualTo(TinyProgram.SPEC);
  }

  @Test
  void printsAndParsesAPlan() {
    String text =
        """
        dims 3
        buffer arena 0..2 image
        buffer weights 0..9 "fc weight"
        buffer state 0..9 cache
        buffer arena 2..4 relu in 0
        input 0 buffer 0 dims 0 1
        output 0 buffer 3 dims 0 2
        state 4 buffer 2
        weight 0 buffer 1
        """;
    assertThat(BufferPlan.parse(text).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "buffer arena 2..1 a",
        "buffer arena 0..1 a in 1",
        "buffer heap 0..1 a",
        "buffer arena 0-1 a",
        "buffer arena 0..1 \"a",
        "buffer arena 0..1 a\ninput 0 buffer 1",
        "buffer arena 0..1 a\ninput 0 buffer 0 dims 0",
        "buffer arena 0..1 a\nstate 0 buffer 0",
        "buffer arena 0..1 a\nbuffer state 0..1 b in 0",
        "something else"
      })
  void refusesAPlanThatIsNone(String text) {
    assertThatThrownBy(() -> BufferPlan.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model M\nentry a\nentry a",
        "model M\nentry a\n  uses h",
        "model M\n  input x f32[N]",
        "model M\nentry a\n  input x f32",
        "model M\nentry a\n  input x f33[N]",
        "model M\nparameter p f32[N] = zeros()",
        "model M\nstate s f32[N]",
        "modle M"
      })
  void refusesAModelThatIsNone(String text) {
    assertThatThrownBy(() -> ModelSpec.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
