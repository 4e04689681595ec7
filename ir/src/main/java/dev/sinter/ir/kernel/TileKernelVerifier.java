package dev.sinter.ir.kernel;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Checks what holds of every [TileKernel]:
///
/// * an axis is declared once, and every `%` symbol in an expression is an axis;
/// * a definition refers to earlier ones, of types that its function takes;
/// * an access has an index for each axis of its buffer; a computed one is an integer; a guard is a
///   bool;
/// * what is stored has the buffer's type, and does not depend on an axis that its index lacks,
///   unless it is joined to what is there.
public final class TileKernelVerifier {
  private final TileKernel kernel;
  private final List<String> faults = new ArrayList<>();
  private final Set<String> axes = new HashSet<>();

  private TileKernelVerifier(TileKernel kernel) {
    this.kernel = kernel;
  }

  /// What is wrong with `kernel`, a sentence each; empty if nothing is.
  public static List<String> faults(TileKernel kernel) {
    TileKernelVerifier verifier = new TileKernelVerifier(kernel);
    verifier.check();
    return verifier.faults;
  }

  private void check() {
    for (Axis axis : kernel.axes()) {
      if (!axis.symbol().startsWith("%") || !axes.add(axis.symbol())) {
        faults.add("axis " + axis + " is no axis, or declared twice");
      }
    }
    for (Dim dim : kernel.expressions()) {
      for (String symbol : dim.symbols()) {
        if (symbol.startsWith("%") && !axes.contains(symbol)) {
          faults.add(dim + " has the axis " + symbol + ", which is not declared");
        }
      }
    }
    for (int i = 0; i < kernel.body().size(); i++) {
      references(i);
    }
    kernel.stores().forEach(store -> refer("a store", kernel.body().size(), store.value()));
    if (faults.isEmpty()) {
      types();
    }
  }

  private void references(int number) {
    String what = "definition " + number;
    switch (kernel.body().get(number)) {
      case Definition.Load load -> {
        access(what, number, load.buffer(), load.at());
        load.guard().ifPresent(guard -> refer(what, number, guard));
      }
      case Definition.Constant _, Definition.IndexValue _ -> {}
      case Definition.Apply apply -> apply.args().forEach(arg -> refer(what, number, arg));
      case Definition.Cast cast -> refer(what, number, cast.arg());
      case Definition.Reduce reduce -> {
        refer(what, number, reduce.arg());
        if (reduce.axes().isEmpty()
            || !axes.containsAll(reduce.axes())
            || new HashSet<>(reduce.axes()).size() != reduce.axes().size()) {
          faults.add(what + " reduces " + reduce.axes());
        }
      }
    }
  }

  private void access(String what, int number, int buffer, List<TileIndex> at) {
    if (buffer < 0 || buffer >= kernel.buffers().size()) {
      faults.add(what + " has no buffer " + buffer);
      return;
    }
    if (at.size() != kernel.buffers().get(buffer).type().rank()) {
      faults.add(what + " has " + at.size() + " indices into " + kernel.buffers().get(buffer));
    }
    for (TileIndex index : at) {
      if (index instanceof TileIndex.Computed(int value)) {
        refer(what, number, value);
      }
    }
  }

  private void refer(String what, int number, int to) {
    if (to < 0 || to >= number) {
      faults.add(what + " refers to " + to + ", which is not before it");
    }
  }

  private void types() {
    List<DType> dtypes;
    try {
      dtypes = kernel.dtypes();
    } catch (IllegalArgumentException e) {
      faults.add(String.valueOf(e.getMessage()));
      return;
    }
    for (Definition definition : kernel.body()) {
      if (definition instanceof Definition.Load load) {
        load.guard()
            .filter(guard -> dtypes.get(guard) != DType.BOOL)
            .ifPresent(guard -> faults.add("the guard " + guard + " is no bool"));
        computed(load.at(), dtypes);
      }
    }
    List<Set<String>> dependences = kernel.dependences();
    for (TileKernel.Store store : kernel.stores()) {
      access("a store", kernel.body().size(), store.buffer(), store.at());
      computed(store.at(), dtypes);
      DType stored = dtypes.get(store.value());
      TileKernel.Buffer buffer = kernel.buffers().get(store.buffer());
      if (stored != buffer.type().dtype()) {
        faults.add(stored + " is stored in " + buffer);
      }
      Set<String> loose = new HashSet<>(dependences.get(store.value()));
      loose.removeAll(TileKernel.dependences(store.at(), dependences));
      if (!loose.isEmpty() && store.accumulate().isEmpty()) {
        faults.add("what is stored in " + buffer.name() + " depends on " + loose);
      }
    }
  }

  private void computed(List<TileIndex> at, List<DType> dtypes) {
    for (TileIndex index : at) {
      if (index instanceof TileIndex.Computed(int value) && !dtypes.get(value).isInteger()) {
        faults.add("the index " + value + " is no integer");
      }
    }
  }
}
