package dev.sinter.ir;

import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/// What one element of a tensor is, as an expression over elements of operands.
///
/// This is how an op says what it means (see [Primitive#define]): the interpreter evaluates the
/// expression for each output element, fusion substitutes one expression into another, and lowering
/// turns it into a kernel. Only [Reduce] binds axes. A [Call] of [ScalarFn#SELECT] evaluates the
/// chosen side only, so that a guard may protect a read that would be out of range.
public sealed interface Elem {
  /// Element `at` of operand number `operand`; its dtype is the operand's.
  record Read(int operand, List<Index> at) implements Elem {
    public Read {
      at = List.copyOf(at);
    }

    @Override
    public String toString() {
      return "$"
          + operand
          + at.stream().map(Index::toString).collect(Collectors.joining(", ", "[", "]"));
    }
  }

  /// A number of type `dtype`; integers keep all 64 bits in `bits`, floats are `real`.
  ///
  /// @param dtype the type
  /// @param real the value of a float, else the rounded integer
  /// @param integer the value of an integer or bool (0 or 1), else 0
  record Literal(DType dtype, double real, long integer) implements Elem {
    @Override
    public String toString() {
      return dtype + "(" + (dtype.isFloat() ? Double.toString(real) : Long.toString(integer)) + ")";
    }
  }

  /// The value of an index expression as a number, converted to `dtype`.
  record IndexValue(DType dtype, Dim expr) implements Elem {
    @Override
    public String toString() {
      return dtype + "{" + expr + "}";
    }
  }

  /// A scalar function of elements.
  record Call(ScalarFn fn, List<Elem> args) implements Elem {
    public Call {
      args = List.copyOf(args);
      if (args.size() != fn.arity()) {
        throw new IllegalArgumentException(fn + " takes " + fn.arity() + " arguments: " + args);
      }
    }

    @Override
    public String toString() {
      return fn + args.stream().map(Elem::toString).collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /// A conversion; float to integer truncates and saturates, integers wrap, bool is 0 or 1.
  record Cast(DType dtype, Elem arg) implements Elem {
    @Override
    public String toString() {
      return dtype + "(" + arg + ")";
    }
  }

  /// A reduction of `body` over all values of `axes`, accumulated in `accumulator`.
  record Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) implements Elem {
    public Reduce {
      axes = List.copyOf(axes);
    }

    @Override
    public String toString() {
      return reducer
          + "<"
          + accumulator
          + ">{"
          + axes.stream().map(Axis::toString).collect(Collectors.joining(", "))
          + "}("
          + body
          + ")";
    }
  }

  /// Element `at` of an operand.
  static Elem read(int operand, List<Dim> at) {
    return new Read(operand, Index.of(at));
  }

  /// A literal of a float, integer or bool type; an integer type takes the truncated value, wrapped
  /// to its bits, a bool 1 for all but zero.
  static Elem literal(DType dtype, double value) {
    return dtype.isFloat() ? new Literal(dtype, value, 0) : literal(dtype, (long) value);
  }

  /// A literal of an integer or bool type, wrapped to it, or of a float type.
  static Elem literal(DType dtype, long value) {
    if (dtype.isFloat()) {
      return new Literal(dtype, (double) value, 0);
    }
    long wrapped = dtype.wrap(value);
    return new Literal(dtype, (double) wrapped, wrapped);
  }

  /// A call of `fn`.
  static Elem call(ScalarFn fn, Elem... args) {
    return new Call(fn, List.of(args));
  }

  /// Whether `0 <= index < extent`, as a bool element.
  static Elem inRange(Dim index, Dim extent) {
    return call(
        ScalarFn.AND,
        call(ScalarFn.GE, new IndexValue(DType.I64, index), literal(DType.I64, 0L)),
        call(ScalarFn.LT, new IndexValue(DType.I64, index), new IndexValue(DType.I64, extent)));
  }

  /// `then` where all of `conditions` hold, else `otherwise`.
  static Elem select(List<Elem> conditions, Elem then, Elem otherwise) {
    return conditions.stream()
        .reduce((a, b) -> call(ScalarFn.AND, a, b))
        .map(all -> call(ScalarFn.SELECT, all, then, otherwise))
        .orElse(then);
  }

  /// The integer element `value` of type `dtype` moved into `0 .. last`, as an index: `i64`, or
  /// `i32` where the element has no more bits.
  static Elem clamp(Elem value, DType dtype, Dim last) {
    DType wide = indexType(dtype);
    return call(
        ScalarFn.MIN,
        call(ScalarFn.MAX, dtype == wide ? value : new Cast(wide, value), literal(wide, 0L)),
        new IndexValue(wide, last));
  }

  /// The type in which indices from elements of type `dtype` are reckoned: the narrower of `i32`
  /// and `i64` that holds them.
  static DType indexType(DType dtype) {
    return dtype.bits() < 32 || dtype == DType.I32 ? DType.I32 : DType.I64;
  }

  /// The expression with axis symbols and sizes replaced; axes bound inside must be fresh.
  default Elem substitute(Map<String, Dim> bindings) {
    return switch (this) {
      case Read(int operand, List<Index> at) ->
          new Read(operand, at.stream().map(i -> i.substitute(bindings)).toList());
      case Literal literal -> literal;
      case IndexValue(DType dtype, Dim expr) -> new IndexValue(dtype, expr.substitute(bindings));
      case Call(ScalarFn fn, List<Elem> args) ->
          new Call(fn, args.stream().map(a -> a.substitute(bindings)).toList());
      case Cast(DType dtype, Elem arg) -> new Cast(dtype, arg.substitute(bindings));
      case Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) ->
          new Reduce(
              reducer,
              accumulator,
              axes.stream()
                  .map(a -> new Axis(a.symbol(), a.extent().substitute(bindings)))
                  .toList(),
              body.substitute(bindings));
    };
  }

  /// The same expression with axis symbols replaced and every axis that it binds under a new name.
  ///
  /// @param fresh a source of names that none of the new symbols has
  /// @param bindings what free symbols become, all at once
  default Elem renamed(AxisNames fresh, Map<String, Dim> bindings) {
    return switch (this) {
      case Read(int operand, List<Index> at) ->
          new Read(operand, at.stream().map(i -> i.renamed(fresh, bindings)).toList());
      case Literal literal -> literal;
      case IndexValue index -> index.substitute(bindings);
      case Call(ScalarFn fn, List<Elem> args) ->
          new Call(fn, args.stream().map(a -> a.renamed(fresh, bindings)).toList());
      case Cast(DType dtype, Elem arg) -> new Cast(dtype, arg.renamed(fresh, bindings));
      case Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) -> {
        Map<String, Dim> inner = new HashMap<>(bindings);
        List<Axis> renamed = new ArrayList<>();
        for (Axis axis : axes) {
          Axis other = fresh.axis(axis.extent().substitute(bindings));
          renamed.add(other);
          inner.put(axis.symbol(), other.index());
        }
        yield new Reduce(reducer, accumulator, renamed, body.renamed(fresh, inner));
      }
    };
  }

  /// The expression with the operands' numbers replaced.
  default Elem renumbered(IntUnaryOperator operands) {
    return switch (this) {
      case Read(int operand, List<Index> at) ->
          new Read(
              operands.applyAsInt(operand), at.stream().map(i -> i.renumbered(operands)).toList());
      case Literal literal -> literal;
      case IndexValue index -> index;
      case Call(ScalarFn fn, List<Elem> args) ->
          new Call(fn, args.stream().map(a -> a.renumbered(operands)).toList());
      case Cast(DType dtype, Elem arg) -> new Cast(dtype, arg.renumbered(operands));
      case Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) ->
          new Reduce(reducer, accumulator, axes, body.renumbered(operands));
    };
  }

  /// The elements that the expression reads, those that only tell an index too.
  default List<Read> reads() {
    List<Read> out = new ArrayList<>();
    switch (this) {
      case Read read -> {
        out.add(read);
        for (Index index : read.at()) {
          if (index instanceof Index.Computed(Elem value)) {
            out.addAll(value.reads());
          }
        }
      }
      case Literal _, IndexValue _ -> {}
      case Call(ScalarFn fn, List<Elem> args) -> args.forEach(arg -> out.addAll(arg.reads()));
      case Cast(DType dtype, Elem arg) -> out.addAll(arg.reads());
      case Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) ->
          out.addAll(body.reads());
    }
    return out;
  }

  /// All symbols in the expression: of axes, those bound inside too, and of sizes.
  default Set<String> symbols() {
    Set<String> out = new HashSet<>();
    switch (this) {
      case Read(int operand, List<Index> at) -> {
        for (Index index : at) {
          switch (index) {
            case Index.At(Dim expr) -> out.addAll(expr.symbols());
            case Index.Computed(Elem value) -> out.addAll(value.symbols());
          }
        }
      }
      case Literal _ -> {}
      case IndexValue(DType dtype, Dim expr) -> out.addAll(expr.symbols());
      case Call(ScalarFn fn, List<Elem> args) -> args.forEach(arg -> out.addAll(arg.symbols()));
      case Cast(DType dtype, Elem arg) -> out.addAll(arg.symbols());
      case Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) -> {
        axes.forEach(axis -> out.addAll(axis.extent().symbols()));
        out.addAll(body.symbols());
      }
    }
    return out;
  }

  /// The type of the element, given the operands' types.
  ///
  /// @throws IllegalArgumentException if a function in it does not take its arguments' types, in
  ///   words
  default DType dtype(List<TensorType> operands) {
    return switch (this) {
      case Read(int operand, List<Index> at) -> operands.get(operand).dtype();
      case Literal literal -> literal.dtype();
      case IndexValue index -> index.dtype();
      case Call(ScalarFn fn, List<Elem> args) -> {
        List<DType> types = args.stream().map(a -> a.dtype(operands)).toList();
        yield fn.result(types);
      }
      case Cast cast -> cast.dtype();
      case Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) -> {
        DType type = body.dtype(operands);
        yield reducer.join().result(List.of(type, type));
      }
    };
  }
}
