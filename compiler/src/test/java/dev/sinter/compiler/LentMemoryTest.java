package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Elaborator;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A session works on the caller's tensors where they lie. Whatever memory they are of, it answers
/// as if it had copies, and writes into no input.
class LentMemoryTest {
  private static final int SIZE = 1000;

  /// The sums need all of `x` before the first element of the results.
  private static final String TEXT =
      """
      model G {
        fn (x: f32[N], y: f32[N]) -> (a: f32[N], b: f32[N]) {
          s[j in 0..1] = sum(x[i] for i) / 1000.0
          a[i in 0..N] = relu(x[i]) + y[N - 1 - i] + s[0]
          b[i in 0..N] = a[N - 1 - i] - s[0]
          return (a, b)
        }
      }
      """;

  private static Model model;

  @BeforeAll
  static void compile() {
    Elaborator elaborator = new Elaborator(warning -> {});
    var sources = elaborator.read(new SourceText("g.sinter", TEXT), path -> Optional.empty());
    ModelGraph graph = elaborator.elaborate(sources, "G", Map.of());
    model = new Compiler(CompileOptions.DEFAULT).compile(graph).load(1);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void ofTensorsOfTheirOwn() {
    check(filled(1), filled(2), Tensor.zeros(DType.F32, SIZE), Tensor.zeros(DType.F32, SIZE));
  }

  @Test
  void ofAnInputThatIsAResultToo() {
    Tensor x = filled(1);
    check(x, filled(2), x, Tensor.zeros(DType.F32, SIZE));
  }

  @Test
  void ofOneTensorForTwoInputs() {
    Tensor x = filled(1);
    check(x, x, Tensor.zeros(DType.F32, SIZE), Tensor.zeros(DType.F32, SIZE));
  }

  @Test
  void ofAResultThatBeginsInAnInput() {
    MemorySegment memory = Arena.ofAuto().allocate(4L * SIZE + 400, 64);
    Tensor x = Tensor.wrap(DType.F32, memory.asSlice(0, 4L * SIZE), SIZE);
    x.copyFrom(filled(3));
    Tensor a = Tensor.wrap(DType.F32, memory.asSlice(400, 4L * SIZE), SIZE);
    check(x, filled(4), a, Tensor.zeros(DType.F32, SIZE));
  }

  @Test
  void ofOneTensorForTwoResults() {
    Tensor a = Tensor.zeros(DType.F32, SIZE);
    check(filled(1), filled(2), a, a);
  }

  @Test
  void ofOneThread() {
    try (Arena arena = Arena.ofConfined()) {
      Tensor x = Tensor.wrap(DType.F32, arena.allocate(4L * SIZE, 64), SIZE);
      x.copyFrom(filled(5));
      Tensor a = Tensor.wrap(DType.F32, arena.allocate(4L * SIZE, 64), SIZE);
      check(x, filled(6), a, Tensor.zeros(DType.F32, SIZE));
    }
  }

  @Test
  void ofTheJavaHeap() {
    Tensor x = Tensor.wrap(DType.F32, MemorySegment.ofArray(new float[SIZE]), SIZE);
    x.copyFrom(filled(7));
    Tensor a = Tensor.wrap(DType.F32, MemorySegment.ofArray(new float[SIZE]), SIZE);
    check(x, filled(8), a, Tensor.zeros(DType.F32, SIZE));
  }

  private static Tensor filled(int seed) {
    float[] data = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      data[i] = (float) Math.sin(seed + i);
    }
    return Tensor.of(data, SIZE);
  }

  private static void check(Tensor x, Tensor y, Tensor a, Tensor b) {
    float[] xs = x.toFloatArray();
    float[] ys = y.toFloatArray();
    Map<String, Tensor> copies = new LinkedHashMap<>();
    copies.put("x", Tensor.of(xs, SIZE));
    copies.put("y", Tensor.of(ys, SIZE));
    try (Session session = model.session(2)) {
      Map<String, Tensor> want = session.run("forward", copies);
      session.run("forward", Map.of("x", x, "y", y), Map.of("a", a, "b", b));
      if (a != b) {
        assertThat(a.toFloatArray()).isEqualTo(floats(want, "a"));
      }
      assertThat(b.toFloatArray()).isEqualTo(floats(want, "b"));
      if (y != a && y != b) {
        assertThat(y.toFloatArray()).as("an input").isEqualTo(ys);
      }
      assertThat(floats(copies, "x")).as("an input").isEqualTo(xs);
    }
  }

  private static float[] floats(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name)).toFloatArray();
  }
}
