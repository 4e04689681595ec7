package dev.sinter.codegen.java.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Buffer;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Values of a kernel as Java expressions.
///
/// @param support where an expression asks for the methods that it calls
/// @param buffers the kernel's buffers
/// @param places where their elements lie
/// @param index integer expressions
/// @param locals the types of the locals in scope
/// @param lanewise whether a literal or scalar stands for a vector of it, as in the expansion of a
///   scalar function over vectors
record ExprCode(
    SupportMethods support,
    List<Buffer> buffers,
    Places places,
    IndexCode index,
    Map<String, LoopKernel.Type> locals,
    boolean lanewise) {
  Code of(Expr expr) {
    ScalarCode scalars = new ScalarCode(support);
    VectorCode vectors = new VectorCode(support);
    return switch (expr) {
      case Expr.Local(String name) -> Code.primary("$L", index.names().apply(name));
      case Expr.Constant(Elem.Literal literal) -> {
        yield lanewise ? vectors.constant(literal) : ScalarCode.literal(literal);
      }
      case Expr.IndexValue(DType dtype, Dim value, Optional<Dim> stride) ->
          stride.isPresent()
              ? vectors.indices(index.of(value), index.of(stride.get()), dtype)
              : scalars.cast(index.of(value), DType.I32, dtype);
      case Expr.Load(int buffer, Dim at) ->
          scalars.load(places.of(buffer, at), buffers.get(buffer).dtype());
      case Expr.LoadVector(int buffer, Dim at, Optional<Dim> below) -> {
        DType dtype = buffers.get(buffer).dtype();
        yield vectors.load(places.of(buffer, at), dtype, below.map(b -> places.mask(dtype, b)));
      }
      case Expr.Apply(ScalarFn fn, List<Expr> args) -> apply(fn, args);
      case Expr.Cast(DType dtype, Expr arg) -> {
        LoopKernel.Type from = type(arg);
        yield from.vector()
            ? vectors.cast(of(arg), from.dtype(), dtype)
            : scalars.cast(of(arg), from.dtype(), dtype);
      }
      case Expr.Bits(DType dtype, Expr arg) ->
          type(arg).vector()
              ? vectors.bits(of(arg), dtype)
              : scalars.bits(of(arg), type(arg).dtype(), dtype);
      case Expr.Splat(Expr scalar) -> vectors.splat(of(scalar), type(scalar).dtype());
      case Expr.JoinLanes(var reducer, Expr vector) ->
          vectors.joinLanes(of(vector), type(vector).dtype(), reducer);
      case Expr.Head(var reducer, Expr vector, Dim limit) -> {
        DType dtype = type(vector).dtype();
        Code identity = ScalarCode.literal(reducer.identity(dtype));
        yield vectors.head(of(vector), dtype, identity, places.mask(dtype, limit));
      }
    };
  }

  private Code apply(ScalarFn fn, List<Expr> args) {
    List<LoopKernel.Type> types = args.stream().map(this::type).toList();
    DType dtype = types.getLast().dtype();
    if (!types.getFirst().vector()) {
      return new ScalarCode(support).apply(fn, args.stream().map(this::of).toList(), dtype);
    }
    Optional<Code> scalar =
        args.size() == 2 && dtype != DType.BOOL ? scalar(fn, args.get(1)) : Optional.empty();
    List<Code> codes = new ArrayList<>();
    for (int i = 0; i < args.size(); i++) {
      codes.add(i == 1 && scalar.isPresent() ? scalar.get() : of(args.get(i)));
    }
    if (dtype == DType.F32
        && (fn == ScalarFn.MAX || fn == ScalarFn.MIN)
        && args.getFirst() instanceof Expr.Local
        && constant(args.get(1)).filter(c -> VectorCode.isBound(c.real())).isPresent()) {
      return VectorCode.bounded(fn, codes.getFirst(), codes.get(1));
    }
    return new VectorCode(support).apply(fn, codes, dtype, scalar);
  }

  /// The scalar that stands for a vector as the second operand: the Vector API takes one there for
  /// most functions. In an expansion a constant is a vector already, but for a shift, which is one
  /// instruction only by a scalar.
  private Optional<Code> scalar(ScalarFn fn, Expr arg) {
    boolean shift = fn == ScalarFn.SHL || fn == ScalarFn.SHR;
    return switch (arg) {
      case Expr.Splat(Expr inner) -> Optional.of(of(inner));
      case Expr.Constant(Elem.Literal literal) when shift ->
          Optional.of(ScalarCode.literal(literal));
      default -> Optional.empty();
    };
  }

  private static Optional<Elem.Literal> constant(Expr expr) {
    return switch (expr) {
      case Expr.Constant(Elem.Literal literal) -> Optional.of(literal);
      case Expr.Splat(Expr scalar) -> constant(scalar);
      default -> Optional.empty();
    };
  }

  LoopKernel.Type type(Expr expr) {
    if (lanewise) {
      return new LoopKernel.Type(unlaned(expr), true);
    }
    return expr.type(buffers, locals);
  }

  private DType unlaned(Expr expr) {
    return switch (expr) {
      case Expr.Local(String name) -> Objects.requireNonNull(locals.get(name)).dtype();
      case Expr.Constant(Elem.Literal literal) -> literal.dtype();
      case Expr.Apply(ScalarFn fn, List<Expr> args) ->
          fn.result(args.stream().map(this::unlaned).toList());
      case Expr.Cast(DType dtype, Expr arg) -> dtype;
      case Expr.Bits(DType dtype, Expr arg) -> dtype;
      default -> throw new IllegalArgumentException("not lane by lane: " + expr);
    };
  }
}
