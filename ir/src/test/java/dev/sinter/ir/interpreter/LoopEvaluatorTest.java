package dev.sinter.ir.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernelParser;
import dev.sinter.ir.kernel.LoopKernelVerifier;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoopEvaluatorTest {
  private static final String HEAD =
      """
      loops kernel {
        buffer 0 x f32
        buffer 1 y f32
        size N
        function kernel() {
          share from to of {N} {
            for i = {from} to {to} by {1} {
      """;
  private static final String TAIL =
      """
            }
          }
        }
      }
      """;

  private static Tensor run(String body, int lanes, int parts, float... x) {
    LoopKernel kernel = LoopKernelParser.parse(HEAD + body + "\n" + TAIL);
    assertThat(LoopKernelVerifier.faults(kernel)).isEmpty();
    Tensor y = Tensor.zeros(DType.F32, x.length);
    Bindings sizes = new Bindings(Map.of("N", (long) x.length));
    LoopEvaluator.run(kernel, List.of(Tensor.of(x, x.length), y), sizes, lanes, parts);
    return y;
  }

  @ParameterizedTest
  @CsvSource({"1,1.0", "4,10.0", "8,15.0"})
  void aMaskedLoadReadsOnlyWhatIsThereAndLanesAreJoined(int lanes, double sum) {
    String body = "store 1 {i} = join(sum, vector(0, {0}, {N}))";
    assertThat(run(body, lanes, 1, 1, 2, 3, 4, 5).getDouble(0)).isEqualTo(sum);
  }

  @Test
  void lanesAreJoinedUpperHalfToLowerHalf() {
    // (1 + 1e8) + (1e8 - 1e8), not from left to right.
    String body = "store 1 {i} = join(sum, vector(0, {0}))";
    assertThat(run(body, 4, 1, 1, 1e8f, 1e8f, -1e8f).getDouble(0)).isEqualTo(1e8);
  }

  @Test
  void eachOperationRoundsToItsType() {
    String body = "store 1 {i} = sub(add(load(0, {i}), f32(16777216)), f32(16777216))";
    assertThat(run(body, 1, 1, 1, 2).toDoubleArray()).containsExactly(0, 2);
  }

  @Test
  void aFusedMultiplyAddRoundsOnce() {
    float x = 1 + 0x1p-12f;
    String body = "store 1 {i} = fma(load(0, {i}), load(0, {i}), f32(-1))";
    assertThat(run(body, 1, 1, x).getDouble(0)).isEqualTo(Math.fma(x, x, -1f));
  }

  @Test
  void lanesPastAnEndBecomeTheIdentity() {
    String body = "store 1 {i} = join(max, head(max, vector(0, {0}), {2}))";
    assertThat(run(body, 4, 2, -3, -2, 7, 8).toDoubleArray()).containsOnly(-2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{i + 1}", "{i - 1}"})
  void aPlaceOutsideABufferIsReported(String place) {
    assertThatThrownBy(() -> run("store 1 " + place + " = f32(1)", 1, 1, 1, 2))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("goes outside y[");
  }

  @Test
  void partsThatTouchWhatAnotherWritesAreReported() {
    String writes = "store 1 {0} = load(0, {i})";
    assertThat(run(writes, 1, 1, 1, 2).getDouble(0)).isEqualTo(2);
    assertThatThrownBy(() -> run(writes, 1, 2, 1, 2)).hasMessageContaining("another touches");
    String reads = "store 1 {i} = load(1, {0})";
    assertThatThrownBy(() -> run(reads, 1, 2, 1, 2)).hasMessageContaining("another writes");
    String same = "store 1 {0} = f32(3)";
    assertThat(run(same, 1, 2, 1, 2).getDouble(0)).isEqualTo(3);
  }
}
