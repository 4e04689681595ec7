package dev.sinter.ir.kernel;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The text form of a [TileKernel], one definition a line:
///
/// ```
/// kernel hidden_contract_relu {
///   buffer 0 x f32[N, 64]
///   buffer 1 w f32[64, 10] layout [1, 0]
///   buffer 2 hidden f32[N, 10]
///   axis %0 < N
///   axis %1 < 10
///   axis %2 < 64
///   0 = load 0[%0, %2]
///   1 = load 1[%2, %1]
///   2 = mul 0, 1
///   3 = reduce sum f32 [%2] 2
///   4 = constant f32(0.0)
///   5 = max 3, 4
///   store 2[%0, %1] = 5
/// }
/// ```
///
/// A computed index is `(7)`, a guarded load ends in `if 8`, a store that accumulates in `join
/// sum`.
public final class TileKernelPrinter {
  private TileKernelPrinter() {}

  /// The text of `kernel`.
  public static String print(TileKernel kernel) {
    StringBuilder text = new StringBuilder("kernel " + kernel.name() + " {\n");
    for (int i = 0; i < kernel.buffers().size(); i++) {
      TileKernel.Buffer b = kernel.buffers().get(i);
      text.append("  buffer %d %s %s".formatted(i, b.name(), b.type()));
      text.append(layout(b.layout(), b.type().rank())).append('\n');
    }
    for (Axis axis : kernel.axes()) {
      text.append("  axis ").append(axis).append('\n');
    }
    for (int i = 0; i < kernel.body().size(); i++) {
      text.append("  %d = %s\n".formatted(i, definition(kernel.body().get(i))));
    }
    for (TileKernel.Store store : kernel.stores()) {
      text.append("  store %d%s = %d".formatted(store.buffer(), at(store.at()), store.value()));
      store.accumulate().ifPresent(reducer -> text.append(" join ").append(reducer));
      text.append('\n');
    }
    return text.append("}\n").toString();
  }

  private static String layout(Layout layout, int rank) {
    return layout.equals(Layout.rowMajor(rank)) ? "" : " layout " + text(layout);
  }

  /// The text of a layout: `[0, 2, 3, 1]`, or `panels 1 of 2*lanes in [] [0]`.
  public static String text(Layout layout) {
    return switch (layout) {
      case Layout.Dense(List<Integer> order) -> order.toString();
      case Layout.Panels(int axis, Dim width, List<Integer> batch, List<Integer> inner) ->
          "panels " + axis + " of " + width + " in " + batch + " " + inner;
      case Layout.Interleaved(int axis, int vectors, List<Integer> inner) ->
          "interleaved " + axis + " by " + vectors + " in " + inner;
    };
  }

  private static String definition(Definition definition) {
    return switch (definition) {
      case Definition.Load(int buffer, List<TileIndex> at, Optional<Integer> guard) ->
          "load " + buffer + at(at) + guard.map(g -> " if " + g).orElse("");
      case Definition.Constant(Elem.Literal literal) -> "constant " + literal;
      case Definition.IndexValue(DType dtype, Dim expr) -> "index " + dtype + " {" + expr + "}";
      case Definition.Apply(ScalarFn fn, List<Integer> args) ->
          fn + " " + args.stream().map(String::valueOf).collect(Collectors.joining(", "));
      case Definition.Cast(DType dtype, int arg) -> "cast " + dtype + " " + arg;
      case Definition.Reduce(Reducer reducer, DType type, List<String> axes, int arg) ->
          "reduce " + reducer + " " + type + " " + axes + " " + arg;
    };
  }

  private static String at(List<TileIndex> at) {
    return at.stream()
        .map(index ->
            switch (index) {
              case TileIndex.At(Dim expr) -> expr.toString();
              case TileIndex.Computed(int value) -> "(" + value + ")";
            })
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
