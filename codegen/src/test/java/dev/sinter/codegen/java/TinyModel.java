package dev.sinter.codegen.java;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A model lowered by hand: element-wise kernels over `N` rows of two, a weight in panels, a state
/// that is written in place, and a loop with a choice in it.
final class TinyModel {
  private static final Dim N = Dim.symbol("N");
  private static final Program.Lifetime LIVE = new Program.Lifetime(0, 9);
  private static final Dim TWO = Dim.of(2);
  private static final List<Dim> ROWS = List.of(N, TWO);
  private static final SourceText TEXT =
      new SourceText("models/tiny.sinter", "model Tiny {\n  let y = x * w\n  total += y\n}\n");

  private TinyModel() {}

  /// `forward(x) = x * w + total`, which also adds `x * w` to `total`; `power(x)` multiplies `x` by
  /// the state `total` three times, then stays as it is where the flag is false.
  static ProgramSet programs() {
    TensorType rows = TensorType.of(DType.F32, N, TWO);
    TensorType pair = TensorType.of(DType.F32, 2);
    TensorType flag = TensorType.of(DType.BOOL, new long[0]);
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(rows, "x");
    Value w = b.parameter(pair, "w");
    Value total = b.parameter(rows, "total");
    Graph forward =
        new Graph(
            "forward",
            List.of(
                new Graph.Input("x", Graph.Role.ARGUMENT),
                new Graph.Input("w", Graph.Role.WEIGHT),
                new Graph.Input("total", Graph.Role.STATE)),
            List.of(
                new Graph.Output("y", Graph.Role.ARGUMENT),
                new Graph.Output("total", Graph.Role.STATE)),
            b.region(List.of(b.add(Pointwise.ADD, x, total), total)),
            Facts.NONE);
    GraphBuilder c = new GraphBuilder();
    Value base = c.parameter(rows, "x");
    Value choice = c.parameter(flag, "flag");
    Value state = c.parameter(rows, "total");
    Graph power =
        new Graph(
            "power of-total",
            List.of(
                new Graph.Input("x", Graph.Role.ARGUMENT),
                new Graph.Input("flag", Graph.Role.ARGUMENT),
                new Graph.Input("total", Graph.Role.STATE)),
            List.of(new Graph.Output("class", Graph.Role.ARGUMENT)),
            c.region(List.of(base)),
            Facts.NONE);
    if (choice.type().rank() != 0 || !state.type().equals(base.type()) || w.type().rank() != 1) {
      throw new IllegalStateException("the graphs are wrong");
    }
    ModelGraph model =
        new ModelGraph(
            "tiny model",
            List.of(
                new ModelGraph.Parameter(
                    "body.w", pair, new Initializer.Fill(1), ModelGraph.Kind.WEIGHT),
                new ModelGraph.Parameter(
                    "total", rows, new Initializer.Fill(0), ModelGraph.Kind.STATE)),
            List.of(forward, power),
            Optional.empty(),
            Contracts.NONE);
    Layout panels = new Layout.Panels(0, Dim.symbol(LoopKernel.LANES), List.of(), List.of());
    return new ProgramSet(
        model,
        List.of(
            kernel("mul weight", ScalarFn.MUL, panels),
            kernel("add", ScalarFn.ADD, Layout.rowMajor(2)),
            kernel("mul", ScalarFn.MUL, Layout.rowMajor(2))),
        List.of(new ProgramSet.PackedWeight("body.w", panels)),
        List.of(forwardProgram(panels), powerProgram()),
        Optional.empty());
  }

  private static Program forwardProgram(Layout panels) {
    return new Program(
        "forward",
        List.of(new Program.DimSource.OfInput("N", 0, 0)),
        List.of(
            buffer("x", new Program.Origin.Input(0), Optional.empty()),
            new Program.Buffer(
                "w",
                DType.F32,
                List.of(TWO),
                panels,
                new Program.Origin.Weight("body.w"),
                Optional.empty(),
                LIVE),
            buffer("total", new Program.Origin.State("total"), Optional.empty()),
            buffer("xw", new Program.Origin.Temporary(), Optional.empty()),
            buffer("y", new Program.Origin.Output(0), Optional.empty()),
            buffer("total.next", new Program.Origin.State("total"), Optional.of(2))),
        List.of(
            launch(0, List.of(0, 1, 3), 15, 28),
            launch(1, List.of(3, 2, 4), 15, 42),
            launch(1, List.of(2, 3, 5), 31, 42)),
        new Facts(
            List.of(new Facts.Fact.AtLeast(Dim.of(1000), N), new Facts.Fact.AtLeast(N, Dim.ONE)),
            List.of()));
  }

  private static Program powerProgram() {
    Program.Step turn = launch(2, List.of(3, 2, 3), 15, 28);
    return new Program(
        "power of-total",
        List.of(new Program.DimSource.OfInput("N", 0, 0), new Program.DimSource.OfLoop("t")),
        List.of(
            buffer("x", new Program.Origin.Input(0), Optional.empty()),
            new Program.Buffer(
                "flag",
                DType.BOOL,
                List.of(),
                Layout.rowMajor(0),
                new Program.Origin.Input(1),
                Optional.empty(),
                LIVE),
            buffer("total", new Program.Origin.State("total"), Optional.empty()),
            buffer("power", new Program.Origin.Temporary(), Optional.of(0)),
            buffer("out", new Program.Origin.Output(0), Optional.empty())),
        List.of(
            new Program.Step.Repeat(
                "t", Dim.of(3), List.of(new Program.Step.If(1, List.of(turn), List.of()))),
            new Program.Step.While(1, 2, false, List.of(), List.of(turn)),
            launch(1, List.of(3, 2, 4), 15, 28)),
        Facts.NONE);
  }

  private static Program.Step launch(int kernel, List<Integer> buffers, int start, int end) {
    return new Program.Step.Launch(
        kernel, buffers, List.of(N), List.of(new Span(TEXT, start, end)), Program.Fusion.NONE);
  }

  private static Program.Buffer buffer(
      String name, Program.Origin origin, Optional<Integer> alias) {
    return new Program.Buffer(name, DType.F32, ROWS, Layout.rowMajor(2), origin, alias, LIVE);
  }

  /// `out[i, j] = fn(left[i, j], right[i, j])`, or `right[j]` where that is in panels.
  private static CpuKernel kernel(String name, ScalarFn fn, Layout right) {
    boolean weight = right instanceof Layout.Panels;
    List<Dim> at = List.of(Dim.symbol("%0"), Dim.symbol("%1"));
    List<Dim> rightShape = weight ? List.of(TWO) : ROWS;
    List<Dim> rightAt = weight ? List.of(Dim.symbol("%1")) : at;
    TileKernel tile =
        new TileKernel(
            name,
            List.of(
                new TileKernel.Buffer("left", new TensorType(DType.F32, ROWS), Layout.rowMajor(2)),
                new TileKernel.Buffer("right", new TensorType(DType.F32, rightShape), right),
                new TileKernel.Buffer("out", new TensorType(DType.F32, ROWS), Layout.rowMajor(2))),
            List.of(),
            List.of(
                new TileKernel.Definition.Load(0, tileAt(at), Optional.empty()),
                new TileKernel.Definition.Load(1, tileAt(rightAt), Optional.empty()),
                new TileKernel.Definition.Apply(fn, List.of(0, 1))),
            List.of(new TileKernel.Store(2, tileAt(at), 2, Optional.empty())));
    List<Dim> index = List.of(Dim.symbol("i"), Dim.symbol("j"));
    Dim place = Layout.rowMajor(2).offset(ROWS, index);
    Dim rightPlace = right.offset(rightShape, weight ? List.of(Dim.symbol("j")) : index);
    Expr value = new Expr.Apply(fn, List.of(new Expr.Load(0, place), new Expr.Load(1, rightPlace)));
    Statement inner =
        new Statement.For(
            "j",
            Dim.ZERO,
            TWO,
            Dim.ONE,
            List.of(new Statement.Store(2, place, value, Optional.empty())));
    LoopKernel loops =
        new LoopKernel(
            name,
            List.of(
                new LoopKernel.Buffer("left", DType.F32),
                new LoopKernel.Buffer("right", DType.F32),
                new LoopKernel.Buffer("out", DType.F32)),
            List.of("N"),
            List.of(
                new LoopKernel.Function(
                    "main",
                    List.of(),
                    List.of(
                        new Statement.Share(
                            "from",
                            "to",
                            N,
                            List.of(
                                new Statement.For(
                                    "i",
                                    Dim.symbol("from"),
                                    Dim.symbol("to"),
                                    Dim.ONE,
                                    List.of(inner))))))));
    return new CpuKernel(
        tile,
        Map.of(CpuTier.REGISTERS_32, loops, CpuTier.REGISTERS_16, loops, CpuTier.SCALAR, loops));
  }

  private static List<TileKernel.TileIndex> tileAt(List<Dim> at) {
    return at.stream().<TileKernel.TileIndex>map(TileKernel.TileIndex.At::new).toList();
  }
}
