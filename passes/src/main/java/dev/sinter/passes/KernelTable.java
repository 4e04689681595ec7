package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The distinct kernels of a model: those that differ in names only are one.
final class KernelTable {
  private final Map<TileKernel, Integer> numbers = new LinkedHashMap<>();
  private final List<TileKernel> kernels = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /// A use of a kernel: its number, and the value of each of its sizes.
  record Use(int kernel, List<Dim> sizes) {}

  /// All kernels so far, each under a name of its own.
  List<TileKernel> kernels() {
    return kernels;
  }

  /// The kernel that computes what `kernel` does, whatever its buffers, sizes and axes are called.
  Use use(TileKernel kernel) {
    Map<String, Dim> plain = new HashMap<>();
    for (Axis axis : kernel.axes()) {
      plain.put(axis.symbol(), Dim.symbol("%" + plain.size()));
    }
    TileKernel tidy = substitute(kernel, plain);
    // Sizes are numbered as they first occur, which does not depend on their names.
    List<String> order = occurrence(tidy);
    Map<String, Dim> numbered = new HashMap<>();
    order.forEach(size -> numbered.put(size, Dim.symbol(prefix(size) + numbered.size())));
    TileKernel canonical = anonymous(substitute(tidy, numbered));
    Integer before = numbers.get(canonical);
    if (before == null) {
      before = kernels.size();
      numbers.put(canonical, before);
      kernels.add(named(tidy, unique(kernel.name())));
    }
    TileKernel first = kernels.get(before);
    List<String> theirs = occurrence(first);
    List<Dim> sizes =
        first.sizes().stream().map(s -> Dim.symbol(order.get(theirs.indexOf(s)))).toList();
    return new Use(before, sizes);
  }

  /// What a launch of `kernel` computes, in the symbols of the program.
  static TileKernel instance(TileKernel kernel, Step.Launch launch) {
    Map<String, Dim> sizes = new HashMap<>();
    for (int i = 0; i < kernel.sizes().size(); i++) {
      sizes.put(kernel.sizes().get(i), launch.sizes().get(i));
    }
    return substitute(kernel, sizes);
  }

  /// The launch of `kernel`, in the symbols of the program, in place of `launch` and on the same
  /// buffers.
  Step.Launch relaunch(Step.Launch launch, TileKernel kernel) {
    Use use = use(kernel);
    return new Step.Launch(
        use.kernel(), launch.buffers(), use.sizes(), launch.spans(), launch.fusion());
  }

  /// A kernel whose size may be 0 is none for which it is at least 1.
  private static String prefix(String size) {
    return RuntimeSize.isName(size) ? RuntimeSize.PREFIX : "s";
  }

  private String unique(String name) {
    String candidate = name;
    for (int i = 2; !names.add(candidate); i++) {
      candidate = name + "_" + i;
    }
    return candidate;
  }

  private static TileKernel named(TileKernel k, String name) {
    return new TileKernel(name, k.buffers(), k.axes(), k.body(), k.stores());
  }

  private static TileKernel anonymous(TileKernel k) {
    List<TileKernel.Buffer> buffers =
        k.buffers().stream().map(b -> new TileKernel.Buffer("", b.type(), b.layout())).toList();
    return new TileKernel("", buffers, k.axes(), k.body(), k.stores());
  }

  /// The kernel's sizes in the order in which buffers, axes, definitions and stores mention them.
  ///
  /// Within one expression the order is that of the names; kernels that differ there are kept
  /// apart, which costs a method and breaks nothing.
  private static List<String> occurrence(TileKernel kernel) {
    Set<String> known = Set.copyOf(kernel.sizes());
    List<String> order = new ArrayList<>();
    for (Dim dim : kernel.expressions()) {
      for (String symbol : dim.symbols()) {
        if (known.contains(symbol) && !order.contains(symbol)) {
          order.add(symbol);
        }
      }
    }
    return order;
  }

  /// The kernel with axis and size symbols replaced.
  static TileKernel substitute(TileKernel kernel, Map<String, Dim> bindings) {
    List<TileKernel.Buffer> buffers = new ArrayList<>();
    for (TileKernel.Buffer buffer : kernel.buffers()) {
      List<Dim> shape =
          buffer.type().shape().stream().map(dim -> dim.substitute(bindings)).toList();
      buffers.add(
          new TileKernel.Buffer(buffer.name(), buffer.type().withShape(shape), buffer.layout()));
    }
    List<Axis> axes = new ArrayList<>();
    for (Axis axis : kernel.axes()) {
      axes.add(new Axis(symbol(axis.symbol(), bindings), axis.extent().substitute(bindings)));
    }
    List<Definition> body = new ArrayList<>();
    for (Definition definition : kernel.body()) {
      body.add(
          switch (definition) {
            case Definition.Load load ->
                new Definition.Load(load.buffer(), at(load.at(), bindings), load.guard());
            case Definition.Constant constant -> constant;
            case Definition.IndexValue index ->
                new Definition.IndexValue(index.dtype(), index.expr().substitute(bindings));
            case Definition.Apply apply -> apply;
            case Definition.Cast cast -> cast;
            case Definition.Reduce reduce ->
                new Definition.Reduce(
                    reduce.reducer(),
                    reduce.accumulator(),
                    reduce.axes().stream().map(a -> symbol(a, bindings)).toList(),
                    reduce.arg());
          });
    }
    List<TileKernel.Store> stores = new ArrayList<>();
    for (TileKernel.Store s : kernel.stores()) {
      stores.add(new TileKernel.Store(s.buffer(), at(s.at(), bindings), s.value(), s.accumulate()));
    }
    return new TileKernel(kernel.name(), buffers, axes, body, stores);
  }

  private static String symbol(String symbol, Map<String, Dim> bindings) {
    Dim bound = bindings.get(symbol);
    String name = bound == null ? symbol : bound.symbolName();
    return name == null ? symbol : name;
  }

  private static List<TileIndex> at(List<TileIndex> at, Map<String, Dim> bindings) {
    List<TileIndex> out = new ArrayList<>();
    for (TileIndex index : at) {
      out.add(
          switch (index) {
            case TileIndex.At(Dim expr) -> new TileIndex.At(expr.substitute(bindings));
            case TileIndex.Computed computed -> computed;
          });
    }
    return out;
  }
}
