package dev.sinter.ir.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Index;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.While;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InterpreterTest {
  private static final Dim N = Dim.symbol("N");
  private static final TensorType SCALAR = TensorType.of(DType.F32, new long[0]);

  private final GraphBuilder b = new GraphBuilder();

  private List<Tensor> run(List<Value> results, Tensor... arguments) {
    Region region = b.region(results);
    List<TensorType> types = region.params().stream().map(Value::type).toList();
    List<String> names = region.params().stream().map(Value::name).toList();
    List<Tensor> tensors = List.of(arguments);
    Bindings bindings = Bindings.of(names, types, tensors.stream().map(Tensor::shape).toList());
    return Interpreter.rounding().run(region, tensors, bindings);
  }

  private double[] run(Value result, Tensor... arguments) {
    return run(List.of(result), arguments).getFirst().toDoubleArray();
  }

  @Test
  void bindsSymbolsFromTheInputsAndAnswersByRole() {
    Value x = b.parameter(TensorType.of(DType.F32, N, Dim.of(2)), "x");
    Value w = b.parameter(TensorType.of(DType.F32, 2, 3), "w");
    Value count = b.parameter(TensorType.of(DType.I32, new long[0]), "count");
    Value y = Contract.of(b, "nk,km->nm", x, w);
    Value one = b.fill(count.type(), 1);
    Region body = b.region(List.of(y, b.add(Pointwise.ADD, count, one)));
    Graph graph =
        new Graph(
            "forward",
            List.of(
                new Graph.Input("x", Graph.Role.ARGUMENT),
                new Graph.Input("w", Graph.Role.WEIGHT),
                new Graph.Input("count", Graph.Role.STATE)),
            List.of(
                new Graph.Output("y", Graph.Role.ARGUMENT),
                new Graph.Output("count", Graph.Role.STATE)),
            body,
            Facts.NONE);
    Map<Graph.Output, Tensor> out =
        Interpreter.rounding()
            .run(
                graph,
                Map.of(
                    "x", Tensor.of(new float[] {1, 2}, 1, 2),
                    "w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
                    "count", Tensor.of(new int[] {41})));
    assertThat(out.keySet()).containsExactlyElementsOf(graph.outputs());
    List<Tensor> values = List.copyOf(out.values());
    assertThat(values.get(0).toDoubleArray()).containsExactly(9, 12, 15);
    assertThat(values.get(1).toLongArray()).containsExactly(42);
    assertThatThrownBy(() -> Interpreter.rounding().run(graph, Map.of()))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("x");
  }

  @Test
  void roundsEachNodeAndAccumulatesInDouble() {
    Value x = b.parameter(TensorType.of(DType.F32, N), "x");
    Value sum = Reduce.of(b, Reducer.SUM, List.of(0), x);
    Value third = b.add(Pointwise.DIV, sum, b.fill(SCALAR, 3));
    // In f32 the small ones would be lost one by one.
    double[] out = run(third, Tensor.of(new float[] {1e8f, 1, 1, 1, 1, -1e8f}, 6));
    assertThat(out[0]).isEqualTo((double) (4f / 3f));
    Region region = b.region(List.of(third));
    Tensor exact =
        Interpreter.exact()
            .run(region, List.of(Tensor.of(new double[] {0.1}, 1)), new Bindings(Map.of("N", 1L)))
            .getFirst();
    assertThat(exact.getDouble(0)).isEqualTo(0.1 / 3);
  }

  @Test
  void selectEvaluatesTheChosenSideOnly() {
    Value x = b.parameter(TensorType.of(DType.F32, N), "x");
    Axis axis = new Axis("%i", N.plus(2));
    Dim inner = axis.index().minus(1);
    Elem padded =
        Elem.call(
            ScalarFn.SELECT,
            Elem.inRange(inner, N),
            Elem.read(0, List.of(inner)),
            Elem.literal(DType.F32, -1.0));
    Value y = b.add(new Comprehension(List.of(axis), padded), x);
    assertThat(run(y, Tensor.of(new float[] {5, 6}, 2))).containsExactly(-1, 5, 6, -1);
  }

  @Test
  void namesTheNodeThatReadsOutOfRange() {
    Value x = b.parameter(TensorType.of(DType.F32, N), "x");
    Axis axis = new Axis("%i", N);
    Elem next = Elem.read(0, List.of(axis.index().plus(1)));
    Value y = b.add(new Comprehension(List.of(axis), next), List.of(x), List.of(), "next").result();
    assertThatThrownBy(() -> run(y, Tensor.of(new float[] {5, 6}, 2)))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("next")
        .hasMessageContaining("index 2 of axis 0");
  }

  @Test
  void gathersByComputedIndex() {
    Value table = b.parameter(TensorType.of(DType.F32, 3, 2), "table");
    Value ids = b.parameter(TensorType.of(DType.I64, N), "ids");
    Axis i = new Axis("%i", N);
    Axis j = new Axis("%j", Dim.of(2));
    Elem row = Elem.read(1, List.of(i.index()));
    Elem read = new Elem.Read(0, List.of(new Index.Computed(row), new Index.At(j.index())));
    Value y = b.add(new Comprehension(List.of(i, j), read), table, ids);
    double[] out =
        run(y, Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2), Tensor.of(new long[] {2, 0}, 2));
    assertThat(out).containsExactly(5, 6, 1, 2);
  }

  @Test
  void castsAsTheTypesSay() {
    Value x = b.parameter(TensorType.of(DType.F32, 3), "x");
    Value bytes = b.add(new Cast(DType.I8), x);
    Value back = b.add(new Cast(DType.BF16), bytes);
    List<Tensor> out = run(List.of(bytes, back), Tensor.of(new float[] {-1.7f, 300, Float.NaN}, 3));
    assertThat(out.get(0).toLongArray()).containsExactly(-1, 127, 0);
    assertThat(out.get(1).dtype()).isEqualTo(DType.BF16);
    assertThat(out.get(1).toDoubleArray()).containsExactly(-1, 127, 0);
  }

  @Test
  void reshapesInRowMajorOrder() {
    Value x = b.parameter(TensorType.of(DType.I32, N, Dim.of(6)), "x");
    Value y = b.add(new Reshape(List.of(N.times(2), Dim.of(3))), x);
    Value z = b.add(new Reshape(List.of(N.times(6))), y);
    int[] data = java.util.stream.IntStream.range(0, 12).toArray();
    double[] expected = java.util.Arrays.stream(data).asDoubleStream().toArray();
    assertThat(run(z, Tensor.of(data, 2, 6))).containsExactly(expected);
  }

  @Test
  void runsTheChosenRegion() {
    Value c = b.parameter(TensorType.of(DType.BOOL, new long[0]), "c");
    Value x = b.parameter(SCALAR, "x");
    GraphBuilder yes = b.nested();
    Value p = yes.parameter(SCALAR, "p");
    Region doubled = yes.region(List.of(yes.add(Pointwise.ADD, p, p)));
    GraphBuilder no = b.nested();
    Value q = no.parameter(SCALAR, "q");
    Region negated = no.region(List.of(no.add(Pointwise.NEG, q)));
    Value y = b.add(new If(), List.of(c, x), List.of(doubled, negated), "y").result();
    assertThat(run(y, Tensor.of(new boolean[] {true}), Tensor.of(new float[] {3})))
        .containsExactly(6);
    assertThat(run(y, Tensor.of(new boolean[] {false}), Tensor.of(new float[] {3})))
        .containsExactly(-3);
  }

  @Test
  void scansWithCarriedWalkedAndSharedValues() {
    Value start = b.parameter(SCALAR, "start");
    Value xs = b.parameter(TensorType.of(DType.F32, N), "xs");
    Value scale = b.parameter(SCALAR, "scale");
    GraphBuilder body = b.nested();
    Value turn = body.parameter(TensorType.of(DType.I32, new long[0]), "turn");
    Value carried = body.parameter(SCALAR, "carried");
    Value x = body.parameter(SCALAR, "x");
    Value s = body.parameter(SCALAR, "s");
    Value next = body.add(Pointwise.FMA, x, s, carried);
    Region region = body.region(List.of(next, body.add(new Cast(DType.F32), turn)));
    var node = b.add(new Scan(N, 1, 1), List.of(start, xs, scale), List.of(region), "");
    List<Tensor> out =
        run(
            node.results(),
            Tensor.of(new float[] {1}),
            Tensor.of(new float[] {1, 2, 3}, 3),
            Tensor.of(new float[] {10}));
    assertThat(out.get(0).toDoubleArray()).containsExactly(61);
    assertThat(out.get(1).toDoubleArray()).containsExactly(0, 1, 2);
  }

  @Test
  void whileStopsAtItsConditionOrItsLimit() {
    Value x = b.parameter(SCALAR, "x");
    Value bound = b.parameter(SCALAR, "bound");
    GraphBuilder test = b.nested();
    Value u = test.parameter(SCALAR, "u");
    Value v = test.parameter(SCALAR, "v");
    Region condition = test.region(List.of(test.add(Pointwise.LT, u, v)));
    GraphBuilder body = b.nested();
    Value p = body.parameter(SCALAR, "p");
    body.parameter(SCALAR, "q");
    Region doubled = body.region(List.of(body.add(Pointwise.ADD, p, p)));
    Value y =
        b.add(new While(1, 5, false), List.of(x, bound), List.of(condition, doubled), "y").result();
    assertThat(run(y, Tensor.of(new float[] {1}), Tensor.of(new float[] {10}))).containsExactly(16);
    assertThat(run(y, Tensor.of(new float[] {1}), Tensor.of(new float[] {1e9f})))
        .containsExactly(32);
  }

  @Test
  void compositesRunAsTheirExpansion() {
    Value x = b.parameter(TensorType.of(DType.F64, N, Dim.of(2)), "x");
    Value y = b.add(new Softmax(1), x);
    double[] out = run(y, Tensor.of(new double[] {1000, 1000, 0, Math.log(3)}, 2, 2));
    assertThat(out)
        .containsExactly(
            new double[] {0.5, 0.5, 0.25, 0.75}, org.assertj.core.api.Assertions.within(1e-15));
  }

  @Test
  void sortsDescendingAndStably() {
    Value x = b.parameter(TensorType.of(DType.F32, 2, 3), "x");
    var sorted = b.add(Extern.SORT, List.of(x), List.of(), "");
    List<Tensor> out =
        run(sorted.results(), Tensor.of(new float[] {1, 3, 1, -0f, Float.NaN, 0f}, 2, 3));
    assertThat(out.get(0).toDoubleArray()).containsExactly(3, 1, 1, Double.NaN, -0.0, 0.0);
    assertThat(out.get(1).toLongArray()).containsExactly(1, 0, 2, 1, 0, 2);
  }

  @Test
  void emptyReductionsAnswerTheIdentity() {
    Value x = b.parameter(TensorType.of(DType.I8, N), "x");
    Value max = Reduce.of(b, Reducer.MAX, List.of(0), x);
    Value sum = Reduce.of(b, Reducer.SUM, List.of(0), x);
    List<Tensor> out = run(List.of(max, sum), Tensor.of(new byte[0], 0));
    assertThat(out.get(0).toLongArray()).containsExactly(-128);
    assertThat(out.get(1).toLongArray()).containsExactly(0);
  }
}
