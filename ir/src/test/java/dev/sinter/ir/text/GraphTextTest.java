package dev.sinter.ir.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Training;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Constant;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Rename;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GraphTextTest {
  private static final String LOOP =
      """
      graph forward(argument x %x: f32[N, 4], weight w %w: f32[4], state "a \\"b\\"" %s: f32[]) given N >= 2, 4 divides N {
        %0: f32[N] = contract(%x, %w) {left = "nk", right = "k", out = "n", accumulator = f32}
        %h: f32[], %h~1: f32[N] = scan(%s, %0) {steps = N, carried = 1, walked = 1}
          region(%turn: i32[], %c: f32[], %v: f32[]) {
            %0: f32[] = add(%c, %v)
            return %0, %0
          }
        %"2": f32[N] = comprehension(%h~1) {axes = [%0 < N], body = select(lt(i64{%0}, i64(2)), $0[N - %0 - 1], f32(-Infinity))}
        return argument y = %"2", state "a \\"b\\"" = %h
      }
      """;

  @Test
  void printsWhatItReads() {
    Graph graph = GraphParser.graph(LOOP);
    assertThat(GraphPrinter.print(graph)).isEqualTo(LOOP);
    assertThat(graph.body().nodes().getLast().result().name()).isEqualTo("2");
    assertThat(graph.body().nodes().getFirst().result().name()).isEmpty();
  }

  @Test
  void differencesAreFound() {
    Graph graph = GraphParser.graph(LOOP);
    assertThat(GraphDifference.of(graph, GraphParser.graph(LOOP))).isEmpty();
    for (String[] change :
        new String[][] {
          {"add(%c, %v)", "sub(%c, %v)"},
          {"add(%c, %v)", "add(%v, %c)"},
          {"return %0, %0", "return %v, %0"},
          {"i64(2)", "i64(3)"},
          {"N >= 2", "N >= 3"},
          {"argument y =", "argument z ="},
          {"%\"2\"", "%other"}
        }) {
      Graph other = GraphParser.graph(LOOP.replace(change[0], change[1]));
      assertThat(GraphDifference.of(graph, other)).as(change[1]).isPresent();
    }
  }

  @Test
  void modelsComeBack() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(TensorType.of(DType.F32, Dim.symbol("N")), "x");
    Value c = b.add(new Constant(Tensor.of(new float[] {1.5f, Float.NaN, -0f}, 3)));
    Graph graph =
        new Graph(
            "forward",
            List.of(new Graph.Input("x", Graph.Role.ARGUMENT)),
            List.of(
                new Graph.Output("y", Graph.Role.ARGUMENT),
                new Graph.Output("c", Graph.Role.ARGUMENT)),
            b.region(List.of(b.add(Pointwise.RELU, x), c)),
            new Facts(
                List.of(new Facts.Fact.Equal(Dim.symbol("N"), Dim.symbol("M"))),
                List.of(new Axis("%0", Dim.symbol("N")))));
    Training training =
        new Training(
            List.of(new Training.Field("x", x.type(), "a \"file\".csv\n")),
            "N",
            32,
            List.of(new Training.Step("forward", 2)),
            "",
            "",
            7,
            3,
            100);
    ModelGraph model =
        new ModelGraph(
            "net",
            List.of(
                new ModelGraph.Parameter(
                    "body.0.w",
                    TensorType.of(DType.F32, 3, 4),
                    new Initializer.Normal(0, 0.1),
                    ModelGraph.Kind.WEIGHT),
                new ModelGraph.Parameter(
                    "m",
                    TensorType.of(DType.F32, 3),
                    new Initializer.Fill(Double.NEGATIVE_INFINITY),
                    ModelGraph.Kind.SLOT)),
            List.of(graph, GraphParser.graph(LOOP)),
            Optional.of(training),
            new Contracts(
                List.of(new Rename("h.{i}.{p}", "body.{i}.{p}", List.of(1, 0))),
                List.of(new Contracts.Limit(Contracts.Resource.MEMORY, 64 << 20, Span.NONE)),
                List.of(new Contracts.Check(Contracts.Property.GRAD, Span.NONE))));
    String text = GraphPrinter.print(model);
    ModelGraph read = GraphParser.model(new SourceText("net", text));
    assertThat(GraphDifference.of(model, read)).as(text).isEmpty();
    assertThat(GraphPrinter.print(read)).isEqualTo(text);
  }

  @Test
  void longConstantsAreAbbreviatedUnlessAskedInFull() {
    GraphBuilder b = new GraphBuilder();
    Value c = b.add(new Constant(Tensor.of(new int[100], 100)));
    Graph graph =
        new Graph(
            "g",
            List.of(),
            List.of(new Graph.Output("c", Graph.Role.ARGUMENT)),
            b.region(List.of(c)),
            Facts.NONE);
    String brief = new GraphPrinter(false, false).text(graph);
    assertThat(brief).contains("tensor = i32[100]#").hasSizeLessThan(120);
    assertThatThrownBy(() -> GraphParser.graph(brief))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("abbreviated");
    assertThat(GraphDifference.of(graph, GraphParser.graph(GraphPrinter.print(graph)))).isEmpty();
  }

  @Test
  void spansArePrintedAsComments() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(TensorType.of(DType.F32, 2), "x");
    b.at(new Span(new SourceText("net.sinter", "a\nb = relu(x)"), 6, 13));
    Graph graph =
        new Graph(
            "g",
            List.of(new Graph.Input("x", Graph.Role.ARGUMENT)),
            List.of(new Graph.Output("y", Graph.Role.ARGUMENT)),
            b.region(List.of(b.add(Pointwise.RELU, x))),
            Facts.NONE);
    String text = new GraphPrinter(true, true).text(graph);
    assertThat(text).contains("relu(%x) // net.sinter:2:5\n");
    assertThat(GraphDifference.of(graph, GraphParser.graph(text))).isEmpty();
  }

  @Test
  void faultsPointAtTheirPlace() {
    check("add(%c, %v)", "add(%c, %w)", ":5:", "%w is not defined");
    check("add(%c, %v)", "plus(%c, %v)", ":5:", "no op plus");
    check("add(%c, %v)", "add(%c)", ":5:", "do not fit");
    check("%0: f32[N] =", "%0: f64[N] =", ":2:", "are [f32[N]]");
    check("out = \"n\"", "out = n", ":2:", "`\"` is expected");
    check("carried = 1", "carried = 99999999999", ":3:", "too large");
    check("carried = 1", "carried = 3", ":3:", "do not fit");
    check("lt(i64", "lt(f31", ":8:", "no function f31");
    check("%h: f32[]", "%0: f32[]", ":3:", "defined twice");
    check("given N", "given N +", ":1:", "size is expected");
    check("return argument y", "return y", ":9:", "no y here");
    check("graph forward", "grph forward", ":1:", "`graph` is expected");
  }

  private static void check(String good, String bad, String place, String message) {
    assertThat(LOOP).contains(good);
    assertThatThrownBy(
            () -> GraphParser.graph(LOOP.replaceFirst(java.util.regex.Pattern.quote(good), bad)))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("graph" + place)
        .hasMessageContaining(message);
  }

  @Test
  void brokenTextsGiveDiagnosticsOnly() {
    java.util.Random random = new java.util.Random(3);
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder(LOOP);
      for (int k = random.nextInt(3); k >= 0; k--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, text.charAt(random.nextInt(text.length())));
          default -> text.setLength(Math.max(1, at));
        }
      }
      try {
        GraphParser.graph(text.toString());
      } catch (DiagnosticException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }
}
