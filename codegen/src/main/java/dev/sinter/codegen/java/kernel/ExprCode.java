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
        Code number = ScalarCode.literal(literal);
        yield lanewise ? vectors.splat(number, literal.dtype()) : number;
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
    List<Code> codes = new ArrayList<>();
    args.forEach(a -> codes.add(of(a)));
    if (!types.getFirst().vector()) {
      return new ScalarCode(support).apply(fn, codes, dtype);
    }
    if (dtype == DType.F32
        && (fn == ScalarFn.MAX || fn == ScalarFn.MIN)
        && args.getFirst() instanceof Expr.Local) {
      Optional<Elem.Literal> bound =
          constant(args.get(1)).filter(c -> VectorCode.isBound(c.real()));
      if (bound.isPresent()) {
        return VectorCode.bounded(fn, codes.getFirst(), ScalarCode.literal(bound.get()));
      }
    }
    // The Vector API takes a scalar as the second operand of most functions.
    Optional<Code> scalar = Optional.empty();
    if (args.size() == 2 && dtype != DType.BOOL) {
      scalar =
          switch (args.get(1)) {
            case Expr.Splat(Expr inner) -> Optional.of(of(inner));
            case Expr.Constant(Elem.Literal literal) when lanewise ->
                Optional.of(ScalarCode.literal(literal));
            default -> Optional.empty();
          };
    }
    return new VectorCode(support).apply(fn, codes, dtype, scalar);
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
