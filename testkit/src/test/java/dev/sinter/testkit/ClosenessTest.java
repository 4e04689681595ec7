package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClosenessTest {
  private static final Graph SUM =
      GraphParser.graph(
          """
          graph sum(argument x %x: f32[N]) {
            %s: f32[] = reduce(%x) {reducer = sum, axes = [0], accumulator = f32}
            %e: f32[] = exp(%s)
            return argument y = %e
          }
          """);

  private static Tensor input(int size) {
    Random random = new Random(3);
    double[] data = random.doubles(size, -1, 1).toArray();
    return Tensor.of(DType.F32, data, size);
  }

  @Test
  void acceptsSumsInAnyOrder() {
    Tensor x = input(1000);
    float forward = 0;
    float backward = 0;
    for (int i = 0; i < 1000; i++) {
      forward += (float) x.getDouble(i);
      backward += (float) x.getDouble(999 - i);
    }
    for (float sum : new float[] {forward, backward}) {
      Tensor y = Tensor.of(new float[] {(float) Math.exp(sum)});
      assertThat(Closeness.fault(SUM, List.of(x), List.of(y))).isEmpty();
    }
  }

  @Test
  void refusesWhatRoundingDoesNotExplain() {
    Tensor x = input(10);
    double exact = Interpreter.exact().run(SUM, List.of(x)).getFirst().getDouble(0);
    for (double wrong : new double[] {exact * (1 + 1e-4), Double.NaN, Double.POSITIVE_INFINITY}) {
      Tensor y = Tensor.of(new float[] {(float) wrong});
      assertThat(Closeness.fault(SUM, List.of(x), List.of(y))).isPresent();
    }
    assertThat(Closeness.fault(SUM, List.of(x), List.of(Tensor.of(new double[] {exact}))))
        .isPresent();
  }

  @Test
  void integersMustBeExactUnlessTheyHangOnRoundedFloats() {
    Graph graph =
        GraphParser.graph(
            """
            graph f(argument x %x: f32[], argument n %n: i32[]) {
              %third: f32[] = fill() {dtype = f32, real = 3.0, integer = 0, shape = []}
              %q: f32[] = div(%x, %third)
              %k: i32[] = cast(%q) {dtype = i32}
              %m: i32[] = add(%n, %n)
              return argument k = %k, argument m = %m
            }
            """);
    List<Tensor> inputs =
        List.of(Tensor.of(new float[] {3.0000002f * 2}), Tensor.of(new int[] {4}));
    Tensor eight = Tensor.of(new int[] {8});
    for (int k : new int[] {1, 2}) {
      assertThat(Closeness.fault(graph, inputs, List.of(Tensor.of(new int[] {k}), eight)))
          .isEmpty();
    }
    for (int[] wrong : new int[][] {{5, 8}, {2, 9}}) {
      Tensor k = Tensor.of(new int[] {wrong[0]});
      Tensor m = Tensor.of(new int[] {wrong[1]});
      assertThat(Closeness.fault(graph, inputs, List.of(k, m))).isPresent();
    }
  }

  @Test
  void countsUnitsInTheLastPlace() {
    assertThat(Closeness.ulps(1f, Math.nextUp(1f))).isEqualTo(1);
    assertThat(Closeness.ulps(-0f, 0f)).isZero();
    assertThat(Closeness.ulps(-Float.MIN_VALUE, Float.MIN_VALUE)).isEqualTo(2);
    assertThat(Closeness.ulps(1.0, 1.0 + 4 * Math.ulp(1.0))).isEqualTo(4);
    assertThat(Closeness.ulps(Double.NaN, 1)).isEqualTo(Long.MAX_VALUE);
  }
}
