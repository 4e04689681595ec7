package dev.sinter.ir.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A kernel for the CPU: loops, and locals that are scalars or vectors.
///
/// A vector has as many lanes as the machine's species; in expressions that number is the symbol
/// [#LANES], which is 1 in the scalar variant. Integers of loops and places are expressions over
/// loop indices, function parameters and sizes, and fit an `int`, places within a buffer included
/// (they count elements from the buffer's start).
///
/// @param name the name for people, unique in a program
/// @param buffers what is read and written
/// @param sizes the symbols that are passed in: sizes that are not constant
/// @param functions the first is the driver, which computes the share `part` of `parts`; the others
///   are called by name, and each becomes one method
public record LoopKernel(
    String name, List<Buffer> buffers, List<String> sizes, List<Function> functions) {
  /// The symbol that is the number of lanes of a vector of 32-bit elements; no size of a model has
  /// a name that begins like this.
  public static final String LANES = "$lanes";

  /// No kernel uses vectors of more elements of 32 bits, 512 bits, even if a machine has them.
  /// Their numbers are powers of two.
  public static final int MOST_LANES = 16;

  public LoopKernel {
    buffers = List.copyOf(buffers);
    sizes = List.copyOf(sizes);
    functions = List.copyOf(functions);
  }

  /// A buffer, as the kernel sees it: elements in memory.
  public record Buffer(String name, DType dtype) {}

  /// A body with integer parameters.
  ///
  /// @param shared whether other kernels may have it too, for buffers of their own: it reads no
  ///   sizes and calls nothing
  public record Function(String name, List<String> params, List<Statement> body, boolean shared) {
    public Function {
      params = List.copyOf(params);
      body = List.copyOf(body);
    }

    /// A function of this kernel alone.
    public Function(String name, List<String> params, List<Statement> body) {
      this(name, params, body, false);
    }

    /// This function for buffers under other numbers.
    ///
    /// @param buffers those that it uses: each gets its place in this list for its number
    public Function onto(List<Integer> buffers) {
      return BufferUse.onto(this, buffers);
    }

    /// The buffers that it uses, in the order of their first use.
    public List<Integer> buffers() {
      return BufferUse.of(this);
    }
  }

  /// A scalar or a vector of elements of a type; a vector of bool is a mask.
  public record Type(DType dtype, boolean vector) {}

  /// A statement.
  public sealed interface Statement {
    /// `for (index = from; index < to; index += step)`.
    record For(String index, Dim from, Dim to, Dim step, List<Statement> body)
        implements Statement {}

    /// The values `from` up to `to` of this part, when `0 .. count - 1` is cut into as many even
    /// runs as there are parts; the body sees them as two symbols.
    record Share(String from, String to, Dim count, List<Statement> body) implements Statement {}

    /// A new integer local.
    record Int(String name, Dim value) implements Statement {}

    /// A new integer local from a value, clamped to `0 .. limit - 1`: a computed index.
    record IntOf(String name, Expr value, Dim limit) implements Statement {}

    /// A new local.
    record Let(String name, Type type, Expr value) implements Statement {}

    /// A new value of a local.
    record Assign(String name, Expr value) implements Statement {}

    /// Writes a scalar, or a vector to consecutive elements, at the lanes below `limit` only where
    /// there is one.
    record Store(int buffer, Dim at, Expr value, Optional<Dim> lanesBelow) implements Statement {}

    /// A choice by a scalar bool.
    record If(Expr condition, List<Statement> then, List<Statement> otherwise)
        implements Statement {}

    /// Calls a function of the kernel.
    record Call(String function, List<Dim> args) implements Statement {}
  }

  /// A scalar or vector value.
  public sealed interface Expr {
    /// A local.
    record Local(String name) implements Expr {}

    /// A number.
    record Constant(Elem.Literal literal) implements Expr {}

    /// The value of an integer expression; as a vector, that of lane `i` is `value + i * stride`.
    record IndexValue(DType dtype, Dim value, Optional<Dim> stride) implements Expr {}

    /// One element.
    record Load(int buffer, Dim at) implements Expr {}

    /// Consecutive elements; with `lanesBelow` only so many are read, and the other lanes are 0.
    record LoadVector(int buffer, Dim at, Optional<Dim> lanesBelow) implements Expr {}

    /// A scalar function, of scalars or lane by lane.
    record Apply(ScalarFn fn, List<Expr> args) implements Expr {}

    /// A conversion.
    record Cast(DType dtype, Expr arg) implements Expr {}

    /// The 32 bits of a value read as another type of 32 bits.
    record Bits(DType dtype, Expr arg) implements Expr {}

    /// A vector of one scalar.
    record Splat(Expr scalar) implements Expr {}

    /// The lanes of a vector joined in a fixed tree: halves, then quarters, and so on.
    record JoinLanes(Reducer reducer, Expr vector) implements Expr {}

    /// Lanes below `limit` of a vector, the reducer's identity in the others.
    record Head(Reducer reducer, Expr vector, Dim limit) implements Expr {}

    /// The expressions that it is made of.
    default List<Expr> parts() {
      return switch (this) {
        case Local _, Constant _, IndexValue _, Load _, LoadVector _ -> List.of();
        case Apply(var fn, List<Expr> args) -> args;
        case Cast(var dtype, Expr arg) -> List.of(arg);
        case Bits(var dtype, Expr arg) -> List.of(arg);
        case Splat(Expr scalar) -> List.of(scalar);
        case JoinLanes(var reducer, Expr vector) -> List.of(vector);
        case Head(var reducer, Expr vector, Dim limit) -> List.of(vector);
      };
    }

    /// Whether it reads the local `name`.
    default boolean reads(String name) {
      return equals(new Local(name)) || parts().stream().anyMatch(p -> p.reads(name));
    }

    /// The type, given those of the buffers and of the locals in scope.
    ///
    /// @throws IllegalArgumentException if the parts do not fit one another
    default Type type(List<Buffer> buffers, Map<String, Type> locals) {
      return switch (this) {
        case Local(String name) -> {
          Type type = locals.get(name);
          if (type == null) {
            throw new IllegalArgumentException("no local " + name);
          }
          yield type;
        }
        case Constant(Elem.Literal literal) -> new Type(literal.dtype(), false);
        case IndexValue(DType dtype, Dim value, Optional<Dim> stride) ->
            new Type(dtype, stride.isPresent());
        case Load(int buffer, Dim at) -> new Type(buffers.get(buffer).dtype(), false);
        case LoadVector(int buffer, Dim at, Optional<Dim> below) ->
            new Type(buffers.get(buffer).dtype(), true);
        case Apply(ScalarFn fn, List<Expr> args) -> {
          List<Type> types = args.stream().map(a -> a.type(buffers, locals)).toList();
          boolean vector = types.getFirst().vector();
          if (types.stream().anyMatch(t -> t.vector() != vector)) {
            throw new IllegalArgumentException(fn + " of scalars and vectors: " + types);
          }
          yield new Type(fn.result(types.stream().map(Type::dtype).toList()), vector);
        }
        case Cast(DType dtype, Expr arg) -> new Type(dtype, arg.type(buffers, locals).vector());
        case Bits(DType dtype, Expr arg) -> new Type(dtype, arg.type(buffers, locals).vector());
        case Splat(Expr scalar) -> new Type(scalar.type(buffers, locals).dtype(), true);
        case JoinLanes(Reducer reducer, Expr vector) ->
            new Type(vector.type(buffers, locals).dtype(), false);
        case Head(Reducer reducer, Expr vector, Dim limit) -> vector.type(buffers, locals);
      };
    }
  }
}
