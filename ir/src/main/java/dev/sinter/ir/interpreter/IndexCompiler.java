package dev.sinter.ir.interpreter;

import dev.sinter.ir.Atom;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compiles index expressions: sizes become constants, axes slots of the [Frame].
final class IndexCompiler {
  private final Bindings bindings;
  private final Map<String, Integer> slots = new HashMap<>();
  private int next;

  IndexCompiler(Bindings bindings) {
    this.bindings = bindings;
  }

  /// A new slot for the axis `symbol`, which hides another of that name until [#unbind].
  Binding bind(String symbol) {
    int slot = next++;
    return new Binding(symbol, slot, slots.put(symbol, slot));
  }

  /// Ends a binding; the last one first.
  void unbind(Binding binding) {
    if (binding.hidden() == null) {
      slots.remove(binding.symbol());
    } else {
      slots.put(binding.symbol(), binding.hidden());
    }
  }

  /// An axis in scope.
  record Binding(String symbol, int slot, @Nullable Integer hidden) {}

  /// The number of slots bound so far.
  int slots() {
    return next;
  }

  Frame.Integral compile(Dim dim) {
    long constant = 0;
    Map<Integer, Long> linear = new HashMap<>();
    Frame.@Nullable Integral rest = null;
    for (Dim.Term term : dim.terms()) {
      long factor = term.coefficient();
      Frame.@Nullable Integral product = null;
      for (Atom atom : term.atoms()) {
        Frame.Integral value = compile(atom);
        if (value instanceof Affine affine && affine.isConstant()) {
          factor = Math.multiplyExact(factor, affine.constant());
        } else {
          Frame.Integral before = product;
          product = before == null ? value : frame -> before.at(frame) * value.at(frame);
        }
      }
      if (product == null) {
        constant = Math.addExact(constant, factor);
      } else if (product instanceof Affine affine) {
        // What is left of a product of one axis and constants is the axis.
        linear.merge(affine.axis(), factor, Math::addExact);
      } else {
        Frame.Integral before = rest;
        Frame.Integral by = product;
        long scale = factor;
        rest =
            before == null
                ? frame -> scale * by.at(frame)
                : frame -> before.at(frame) + scale * by.at(frame);
      }
    }
    Affine affine = new Affine(constant, linear);
    Frame.Integral others = rest;
    return others == null ? affine : frame -> affine.at(frame) + others.at(frame);
  }

  private Frame.Integral compile(Atom atom) {
    return switch (atom) {
      case Atom.Symbol(String name) -> {
        Integer slot = slots.get(name);
        yield slot != null
            ? new Affine(0, Map.of(slot, 1L))
            : new Affine(bindings.evaluate(Dim.symbol(name)), Map.of());
      }
      case Atom.FloorQuotient(Dim a, Dim b) -> join(a, b, Math::floorDiv);
      case Atom.Max(Dim a, Dim b) -> join(a, b, Math::max);
      case Atom.Min(Dim a, Dim b) -> join(a, b, Math::min);
    };
  }

  private Frame.Integral join(Dim a, Dim b, java.util.function.LongBinaryOperator fn) {
    Frame.Integral left = compile(a);
    Frame.Integral right = compile(b);
    if (left instanceof Affine l && l.isConstant() && right instanceof Affine r && r.isConstant()) {
      return new Affine(fn.applyAsLong(l.constant(), r.constant()), Map.of());
    }
    return frame -> fn.applyAsLong(left.at(frame), right.at(frame));
  }
}
