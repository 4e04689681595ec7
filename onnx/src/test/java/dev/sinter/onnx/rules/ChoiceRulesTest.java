package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Operators whose results are as large as data tells; ONNX Runtime is asked in `compiler`.
class ChoiceRulesTest {
  private static final Tensor ROWS = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);

  private static Tensor marks(int... values) {
    Tensor tensor = Tensor.zeros(DType.BOOL, values.length);
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, values[i]);
    }
    return tensor;
  }

  @Test
  void aScalarHasNoAxisToSayThePlaceOf() {
    Tensor places = new OneNode("NonZero", 13).input(Tensor.of(new float[] {7})).result();
    assertThat(places.shape()).containsExactly(0, 1);
  }

  @Test
  void placesOfConstantsAreConstants() {
    OneNode node = new OneNode("NonZero", 13).constant(Tensor.of(new float[] {0, 7, 0, 8}, 2, 2));
    assertThat(node.result().toLongArray()).containsExactly(0, 1, 1, 1);
    assertThat(node.read().entries().getFirst().output(0).type()).hasToString("i64[2, 2]");
  }

  @Test
  void theSizeIsASymbolThatMayBeZero() {
    OneNode node = new OneNode("NonZero", 9).input(ROWS, "N", 2);
    ModelGraph model = node.read();
    assertThat(model.entries().getFirst().output(0).type()).hasToString("i64[2, ?nonzero]");
    assertThat(node.result().shape()).containsExactly(2, 6);
    Tensor none = new OneNode("NonZero", 9).input(Tensor.zeros(DType.F32, 3, 2), "N", 2).result();
    assertThat(none.shape()).containsExactly(2, 0);
  }

  @Test
  void aShortConditionLeavesOutTheRest() {
    Tensor flat = new OneNode("Compress", 11).input(ROWS, "N", 2).input(marks(0, 1, 1)).result();
    assertThat(flat.toFloatArray()).containsExactly(2, 3);
    Tensor columns =
        new OneNode("Compress", 9).with("axis", 1).input(ROWS, "N", 2).input(marks(1)).result();
    assertThat(columns.toFloatArray()).containsExactly(1, 3, 5);
    assertThat(columns.shape()).containsExactly(3, 1);
  }

  @Test
  void distinctElementsOfNothingAreNone() {
    List<Tensor> none =
        new OneNode("Unique", 11).outputs(4).input(Tensor.zeros(DType.F32, 0)).run();
    assertThat(none).allMatch(tensor -> tensor.size() == 0);
  }

  @Test
  void numbersThatAreNoneAreOneKind() {
    float nan = Float.NaN;
    List<Tensor> all =
        new OneNode("Unique", 11)
            .outputs(4)
            .input(Tensor.of(new float[] {2, nan, 1, nan, 2}, 5))
            .run();
    assertThat(all.get(0).toFloatArray()).containsExactly(1, 2, nan);
    assertThat(all.get(1).toLongArray()).containsExactly(2, 0, 1);
    assertThat(all.get(2).toLongArray()).containsExactly(1, 2, 0, 2, 1);
    assertThat(all.get(3).toLongArray()).containsExactly(1, 2, 2);
  }

  @Test
  void saysWhatItTakes() {
    assertThatThrownBy(() -> new OneNode("Compress", 11).input(ROWS).input(ROWS).result())
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("takes a list of conditions");
    assertThatThrownBy(() -> new OneNode("NonMaxSuppression", 11).input(ROWS).input(ROWS).result())
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("takes boxes [examples, boxes, 4]");
  }
}
