package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sinter.dsl.Elaborator;
import dev.sinter.ir.Graph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputShapesTest {
  private static final String TEXT =
      """
      model Net {
        param a: f32[8, 24] = normal(0, 1)
        fn forward(m: f32[N], x: f32[N, 24]) -> (y: f32[N, 24], l: f32[N]) = (x + 1, m + 1)
        fn one(x: f32[24]) -> f32[8] = einsum{i, o i -> o}(x, a)
      }
      """;

  private static List<Graph> entries() {
    Elaborator elaborator = new Elaborator(warning -> {});
    return elaborator
        .elaborate(
            elaborator.read(new SourceText("net.sinter", TEXT), none -> Optional.empty()),
            "Net",
            Map.of())
        .entries();
  }

  @Test
  void sizesCountForTheEntriesWhoseInputCanHaveThem() {
    InputShapes shapes = InputShapes.parse(Map.of("x", "16,24"));
    shapes.check(entries());
    assertThat(shapes.of(entries().get(0))).isEqualTo(Map.of(1, List.of(16L, 24L)));
    assertThat(shapes.of(entries().get(1))).isEmpty();
    InputShapes.NONE.check(entries());
    assertThat(InputShapes.NONE.of(entries().get(0))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "16,", "16,,24", "0", "-1", "n", "1 2", "1234567890"})
  void whatIsNoListOfSizesIsTold(String text) {
    assertThatThrownBy(() -> InputShapes.parse(Map.of("x", text)))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("--input-shape x=%s are no sizes", text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "z=16|there is no input z",
        "a=8,24|there is no input a",
        "m=16,24|input m cannot have the sizes 16,24: f32[N] has another number of axes, 1",
        "x=16,25|f32[N, 24] is 24 on axis 1; f32[24] has another number of axes, 1",
        "x=25|f32[N, 24] has another number of axes, 2; f32[24] is 24 on axis 0",
      })
  void whatDoesNotFitTheModelIsTold(String given, String said) {
    String[] parts = given.split("=", 2);
    InputShapes shapes = InputShapes.parse(Map.of(parts[0], parts[1]));
    DiagnosticException fault =
        catchThrowableOfType(DiagnosticException.class, () -> shapes.check(entries()));
    Diagnostic first = fault.diagnostics().getFirst();
    assertThat(first.code()).isEqualTo(DiagnosticCode.SIZES_MISFIT);
    assertThat(first.message()).contains(said);
    if (said.startsWith("there is no input")) {
      assertThat(first.notes())
          .containsExactly("the inputs are m: f32[N], x: f32[N, 24], x: f32[24]");
    }
  }
}
