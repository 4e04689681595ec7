package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class SignalRulesTest {
  @TempDir private Path folder = Path.of("");

  private final Drawn drawn = new Drawn(21);

  private static Tensor number(long value) {
    Tensor tensor = Tensor.zeros(DType.I64);
    tensor.setLong(0, value);
    return tensor;
  }

  private static Tensor real(float value) {
    Tensor tensor = Tensor.zeros(DType.F32);
    tensor.setDouble(0, value);
    return tensor;
  }

  /// A part of place `k` of the transform of one row, which is filled with zeros.
  private static double transformed(Tensor x, int row, int length, int sign, int k, int part) {
    int size = (int) x.shape()[1];
    int parts = (int) x.shape()[2];
    double sum = 0;
    for (int n = 0; n < Math.min(size, length); n++) {
      double angle = sign * 2 * Math.PI * n * k / length;
      double re = x.getDouble((row * size + n) * (long) parts);
      double im = parts == 2 ? x.getDouble((row * size + n) * 2L + 1) : 0;
      sum +=
          part == 0
              ? re * Math.cos(angle) - im * Math.sin(angle)
              : re * Math.sin(angle) + im * Math.cos(angle);
    }
    return sum;
  }

  @Test
  void transformsSignalsOfAnyLength() {
    for (int parts = 1; parts <= 2; parts++) {
      for (int length : new int[] {4, 6, 9}) {
        Tensor x = drawn.floats(2, 6, parts);
        Tensor y =
            new OneNode("DFT", 20).input(x, "rows", 6, parts).constant(number(length)).result();
        Tensor inverse =
            new OneNode("DFT", 17).with("inverse", 1).input(x).constant(number(length)).result();
        assertThat(y.shape()).containsExactly(2, length, 2);
        for (int i = 0; i < y.size(); i++) {
          int row = i / (2 * length);
          int k = i / 2 % length;
          assertThat(y.getDouble(i))
              .isCloseTo(transformed(x, row, length, -1, k, i % 2), within(1e-4));
          assertThat(inverse.getDouble(i))
              .isCloseTo(transformed(x, row, length, 1, k, i % 2) / length, within(1e-4));
        }
      }
    }
  }

  @Test
  void halfASpectrumIsEnoughForARealSignal() {
    for (int length : new int[] {6, 7}) {
      Tensor x = drawn.floats(1, length, 1);
      Tensor half = new OneNode("DFT", 20).with("onesided", 1).input(x).result();
      assertThat(half.shape()).containsExactly(1, length / 2 + 1, 2);
      Tensor back =
          new OneNode("DFT", 20)
              .with("onesided", 1)
              .with("inverse", 1)
              .input(half)
              .constant(number(length))
              .result();
      assertThat(back.shape()).containsExactly(1, length, 1);
      for (int i = 0; i < length; i++) {
        assertThat(back.getDouble(i)).isCloseTo(x.getDouble(i), within(1e-5));
      }
    }
  }

  @Test
  void refusesHalfASpectrumOfComplexNumbers() {
    OneNode node = new OneNode("DFT", 20).with("onesided", 1).input(drawn.floats(1, 4, 2));
    assertThatThrownBy(node::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("complex");
  }

  @Test
  void transformsFramesOfASignal() {
    Tensor signal = drawn.floats(1, 10, 1);
    Tensor window = drawn.floats(4);
    Tensor y =
        new OneNode("STFT", 17)
            .input(signal, "batch", 10, 1)
            .constant(number(3))
            .input(window)
            .result();
    assertThat(y.shape()).containsExactly(1, 3, 3, 2);
    for (int frame = 0; frame < 3; frame++) {
      Tensor part = Tensor.zeros(DType.F32, 1, 4, 1);
      for (int i = 0; i < 4; i++) {
        part.setDouble(i, signal.getDouble(3L * frame + i) * window.getDouble(i));
      }
      for (int i = 0; i < 6; i++) {
        assertThat(y.getDouble(6L * frame + i))
            .isCloseTo(transformed(part, 0, 4, -1, i / 2, i % 2), within(1e-4));
      }
    }
  }

  @Test
  void windowsArePeriodicOrSymmetric() {
    assertThat(new OneNode("HannWindow", 17).constant(number(4)).result().toFloatArray())
        .containsExactly(0, 0.5f, 1, 0.5f);
    Tensor symmetric =
        new OneNode("HannWindow", 17).with("periodic", 0).constant(number(3)).result();
    assertThat(symmetric.toFloatArray()).containsExactly(0, 1, 0);
    Tensor wide =
        new OneNode("BlackmanWindow", 17).with("output_datatype", 11).constant(number(2)).result();
    assertThat(wide.dtype()).isEqualTo(DType.F64);
    assertThat(wide.getDouble(1)).isCloseTo(1, within(1e-12));
  }

  @Test
  void determinantsAreOfAStackOfMatrices() {
    Tensor x =
        Tensor.of(new float[] {0, 2, 1, 1, 1, 1, 3, 0, 5, 1, 2, 3, 2, 4, 6, 1, 1, 1}, 2, 3, 3);
    Tensor y = new OneNode("Det", 11).input(x, "stack", 3, 3).result();
    assertThat(y.shape()).containsExactly(2);
    assertThat(y.getDouble(0)).isCloseTo(-7, within(1e-4));
    assertThat(y.getDouble(1)).isCloseTo(0, within(1e-4));
    Tensor one = new OneNode("Det", 11).input(Tensor.of(new float[] {2, 5, 1, 3}, 2, 2)).result();
    assertThat(one.shape()).isEmpty();
    assertThat(one.getDouble(0)).isCloseTo(1, within(1e-5));
  }

  /// All operators here as ONNX Runtime has them.
  @TestFactory
  Stream<DynamicTest> agreesWithOnnxRuntime() {
    List<OneNode> all = new ArrayList<>();
    for (String window : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
      all.add(new OneNode(window, 17).constant(number(10)));
      all.add(new OneNode(window, 17).with("periodic", 0).constant(number(10)));
    }
    all.add(
        new OneNode("MelWeightMatrix", 17)
            .constant(number(8))
            .constant(number(16))
            .constant(number(8192))
            .constant(real(0))
            .constant(real(8192 / 2f)));
    all.add(
        new OneNode("MelWeightMatrix", 17)
            .constant(number(20))
            .constant(number(128))
            .constant(number(16000))
            .constant(real(50))
            .constant(real(7000)));
    Tensor real = drawn.floats(2, 5, 8, 1);
    Tensor complex = drawn.floats(2, 5, 8, 2);
    all.add(new OneNode("DFT", 17).with("axis", 2).input(real));
    all.add(new OneNode("DFT", 17).with("axis", 1).with("onesided", 1).input(real));
    all.add(new OneNode("DFT", 20).input(complex));
    all.add(
        new OneNode("DFT", 20).with("inverse", 1).input(complex).leftOut().constant(number(-3)));
    all.add(
        new OneNode("STFT", 17)
            .input(drawn.floats(2, 20, 1))
            .constant(number(4))
            .input(drawn.floats(8))
            .constant(number(8)));
    all.add(
        new OneNode("STFT", 17)
            .with("onesided", 0)
            .input(drawn.floats(2, 20, 1))
            .constant(number(4))
            .leftOut()
            .constant(number(8)));
    all.add(new OneNode("Det", 11).input(drawn.floats(2, 5, 5)));
    all.add(new OneNode("Det", 22).input(drawn.floats(1, 1)));
    return PeerCheck.all(folder, all.toArray(OneNode[]::new));
  }
}
