package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Modifier;

/// Writes the functions of one kernel as methods.
///
/// A method takes each buffer as the memory that it lies in and its byte offset there, then the
/// sizes, then its own parameters; the driver ends with `part` and `parts`.
final class KernelMethods {
  /// From so many carried vectors on a loop is a register tile.
  private static final int TILE = 6;

  /// So many vectors are carried on in one part of a tile's turn.
  private static final int PART = 4;

  /// Likewise, where a turn carries each of them on several times.
  private static final int LONG_PART = 12;

  /// A turn with so many steps is too long for C2 to unroll.
  private static final int LONG_TURN = 16;

  private final LoopKernel kernel;
  private final String name;
  private final CpuTier tier;
  private final SupportMethods support;
  private final SharedTiles shared;
  private final JavaNames kernelNames;
  private final List<String> bufferNames;
  private final List<MethodSpec> outlined = new ArrayList<>();
  private int loops;

  /// @param shared the methods that this kernel has in common with others
  KernelMethods(
      LoopKernel kernel, String name, CpuTier tier, SupportMethods support, SharedTiles shared) {
    this.kernel = kernel;
    this.shared = shared;
    this.name = name;
    this.tier = tier;
    this.support = support;
    this.kernelNames = new JavaNames();
    kernelNames.declare(SupportMethods.NEVER);
    this.bufferNames =
        kernel.buffers().stream().map(b -> kernelNames.fresh(b.name(), "At")).toList();
    kernel.sizes().forEach(kernelNames::declare);
    kernelNames.declare("part");
    kernelNames.declare("parts");
  }

  /// The methods, the driver first.
  List<MethodSpec> all() {
    List<MethodSpec> methods = new ArrayList<>();
    for (int i = 0; i < kernel.functions().size(); i++) {
      if (!kernel.functions().get(i).shared()) {
        methods.add(method(name(kernel.functions().get(i)), kernel.functions().get(i), i == 0));
      }
    }
    methods.addAll(outlined);
    return methods;
  }

  /// The methods of a shared function, which this kernel consists of.
  List<MethodSpec> shared() {
    List<MethodSpec> methods = new ArrayList<>();
    methods.add(method(name, kernel.functions().getFirst(), false));
    methods.addAll(outlined);
    return methods;
  }

  /// The driver has the name given; what it calls are tiles.
  private String name(Function function) {
    return function.equals(kernel.functions().getFirst())
        ? name
        : Program.TILE + name + "_" + JavaNames.identifier(function.name());
  }

  private MethodSpec method(String called, Function function, boolean driver) {
    MethodSpec.Builder method = MethodSpec.methodBuilder(called);
    if (driver) {
      method.addModifiers(Modifier.PUBLIC);
    } else {
      method.addModifiers(Modifier.PRIVATE, Modifier.STATIC);
    }
    JavaNames names = open(method);
    function.params().forEach(p -> method.addParameter(TypeName.INT, names.declare(p)));
    if (driver) {
      method.addParameter(TypeName.INT, "part");
      method.addParameter(TypeName.INT, "parts");
    }
    new Body(called, method, names, new HashMap<>(), new HashMap<>(), Optional.empty())
        .write(function.body());
    return method.build();
  }

  /// Adds the parameters that all methods of the kernel have. What is asked of each buffer lets C2
  /// know the class of the memory, without which it asks for size and state at each access.
  private JavaNames open(MethodSpec.Builder method) {
    for (String buffer : bufferNames) {
      method.addParameter(JavaTypes.SEGMENT, buffer);
      method.addParameter(TypeName.LONG, buffer + "At");
      method.addStatement("$L($L)", support.method("requireNative"), buffer);
    }
    JavaNames names = kernelNames.copy();
    kernel.sizes().forEach(s -> method.addParameter(TypeName.INT, names.of(s)));
    return names;
  }

  /// Lanes that take part, of vectors of a species.
  private record Limit(String species, Dim below) {}

  /// One body; locals of the bodies around it are in scope.
  private final class Body implements Places {
    private final String function;
    private final MethodSpec.Builder method;
    private final JavaNames names;
    private final Map<String, LoopKernel.Type> locals;
    private final Map<Limit, String> masks;
    private final Optional<Pointers> pointers;
    private final IndexCode index;
    private final ExprCode exprs;

    /// @param function the name of the method of the function that it is part of
    Body(
        String function,
        MethodSpec.Builder method,
        JavaNames names,
        Map<String, LoopKernel.Type> locals,
        Map<Limit, String> masks,
        Optional<Pointers> pointers) {
      this.function = function;
      this.method = method;
      this.names = names;
      this.locals = locals;
      this.masks = masks;
      this.pointers = pointers;
      this.index = new IndexCode(names::of);
      this.exprs = new ExprCode(support, kernel.buffers(), this, index, locals, false);
    }

    @Override
    public Place of(int buffer, Dim at) {
      return new Place(
          bufferNames.get(buffer), index.of(at), pointers.flatMap(p -> p.offset(buffer, at)));
    }

    @Override
    public Code mask(DType dtype, Dim limit) {
      String known = masks.get(new Limit(VectorCode.maskSpecies(dtype), limit));
      return known == null ? VectorCode.mask(dtype, index.of(limit)) : Code.primary("$L", known);
    }

    void write(List<Statement> body) {
      int next = 0;
      for (Outline outline : Outline.of(body, locals, kernel.sizes())) {
        body.subList(next, outline.from()).forEach(this::write);
        outlined(outline, body.subList(outline.from(), outline.to()));
        next = outline.to();
      }
      body.subList(next, body.size()).forEach(this::write);
    }

    /// Writes a part of the body as a method, and its call.
    private void outlined(Outline outline, List<Statement> part) {
      // Loops inside become methods too before this one is ready.
      String called = function + "_loop" + ++loops;
      MethodSpec.Builder other =
          MethodSpec.methodBuilder(called).addModifiers(Modifier.PRIVATE, Modifier.STATIC);
      JavaNames there = open(other);
      List<Code> args = new ArrayList<>();
      outline
          .ints()
          .forEach(i -> {
            other.addParameter(TypeName.INT, there.declare(i));
            args.add(Code.primary("$L", names.of(i)));
          });
      Map<String, LoopKernel.Type> given = new HashMap<>();
      for (String scalar : outline.scalars()) {
        LoopKernel.Type type = Objects.requireNonNull(locals.get(scalar));
        given.put(scalar, type);
        other.addParameter(JavaTypes.of(type), there.declare(scalar));
        args.add(Code.primary("$L", names.of(scalar)));
      }
      Body inside = new Body(function, other, there, given, new HashMap<>(), Optional.empty());
      part.forEach(inside::write);
      Code call = call(called, args);
      outline
          .result()
          .ifPresentOrElse(
              result -> {
                other.returns(JavaTypes.of(result.type()));
                other.addStatement("return $L", there.of(result.name()));
                method.addStatement(
                    "$T $L = $L",
                    JavaTypes.of(result.type()),
                    names.declare(result.name()),
                    call.block());
                locals.put(result.name(), result.type());
              },
              () -> method.addStatement("$L", call.block()));
      outlined.add(other.build());
    }

    /// A body inside this one: its names are its own.
    private Body inner() {
      return inner(pointers);
    }

    private Body inner(Optional<Pointers> pointers) {
      return new Body(
          function, method, names.copy(), new HashMap<>(locals), new HashMap<>(masks), pointers);
    }

    private void choice(Statement.If choice) {
      method.beginControlFlow("if ($L)", exprs.of(choice.condition()).block());
      inner().write(choice.then());
      List<Statement> otherwise = choice.otherwise();
      while (otherwise.size() == 1 && otherwise.getFirst() instanceof Statement.If next) {
        method.nextControlFlow("else if ($L)", exprs.of(next.condition()).block());
        inner().write(next.then());
        otherwise = next.otherwise();
      }
      if (!otherwise.isEmpty()) {
        method.nextControlFlow("else");
        inner().write(otherwise);
      }
      method.endControlFlow();
    }

    private void declare(Optional<Pointers> pointers) {
      pointers.ifPresent(p -> p.declarations().forEach(d -> method.addStatement("$L", d)));
    }

    private void loop(Statement.For loop) {
      Optional<LoopAccesses> accesses = LoopAccesses.of(loop, locals);
      accesses.ifPresent(a -> masks(loop, a));
      String i = names.copy().declare(loop.index());
      boolean window = accesses.filter(a -> a.carriesOnAgain(loop)).isPresent();
      Optional<Pointers> before =
          accesses
              .filter(a -> !window)
              .map(a -> Pointers.of(loop, i, a, index, kernel.buffers(), bufferNames, names));
      declare(before);
      JavaNames inside = names.copy();
      inside.declare(loop.index());
      Optional<Pointers> within =
          accesses
              .filter(a -> window)
              .map(a ->
                  Pointers.within(
                      a, new IndexCode(inside::of), kernel.buffers(), bufferNames, inside));
      Body body =
          new Body(
              function,
              method,
              inside,
              new HashMap<>(locals),
              new HashMap<>(masks),
              window ? within : before);
      method.beginControlFlow(
          "for (int $L = $L; $L < $L; $L)",
          i,
          index.of(loop.from()).block(),
          i,
          index.of(loop.to()).at(Code.Level.SHIFT),
          loop.step().is(1) ? i + "++" : i + " += " + index.of(loop.step()).block());
      declare(within);
      List<Statement> turn = loop.body();
      Set<String> integers = new LinkedHashSet<>();
      while (integers.size() < turn.size()
          && turn.get(integers.size()) instanceof Statement.Int local) {
        integers.add(local.name());
      }
      if (!integers.isEmpty() && before.isPresent()) {
        body.write(turn.subList(0, integers.size()));
        turn = turn.subList(integers.size(), turn.size());
        before
            .get()
            .inTurn(accesses.get(), integers, body.index, inside)
            .forEach(d -> method.addStatement("$L", d));
      }
      if (accesses.filter(a -> a.accumulators() >= TILE).isPresent()) {
        body.tile(turn, i, window);
      } else {
        body.write(turn);
      }
      method.endControlFlow();
    }

    /// Writes a turn of a register tile in parts. A way out between them, which is never taken,
    /// keeps C2 from loading the scalars of all rows first, and one at all from unrolling the loop:
    /// for the former it has too few of 16 registers, for the latter also of 32; source:
    /// `docs/CPU.md`.
    private void tile(List<Statement> turn, String i, boolean window) {
      long steps = turn.stream().filter(s -> s instanceof Statement.Assign).count();
      boolean few = tier.registers() < CpuTier.REGISTERS_32.registers();
      if (!few && steps >= LONG_TURN) {
        write(turn);
        return;
      }
      long part = few ? window ? LONG_PART : PART : steps;
      int carried = 0;
      for (Statement statement : turn) {
        write(statement);
        if (statement instanceof Statement.Assign
            && ++carried % part == 0
            && (carried < steps || !few)) {
          method.beginControlFlow("if ($L == $L - $L)", i, support.never(), carried / part);
          method.addStatement("break");
          method.endControlFlow();
        }
      }
    }

    /// Makes the masks that stay the same in all turns before the loop.
    private void masks(Statement.For loop, LoopAccesses accesses) {
      for (LoopAccesses.Limit limit : accesses.limits()) {
        DType dtype = kernel.buffers().get(limit.buffer()).dtype();
        Limit key = new Limit(VectorCode.maskSpecies(dtype), limit.below());
        if (accesses.isInvariant(limit.below(), loop.index()) && !masks.containsKey(key)) {
          String name = names.fresh("mask", "");
          method.addStatement(
              "$T $L = $L", JavaTypes.maskOf(dtype), name, mask(dtype, limit.below()).block());
          masks.put(key, name);
        }
      }
    }

    private void write(Statement statement) {
      switch (statement) {
        case Statement.For loop -> loop(loop);
        case Statement.Share share -> {
          Code count = index.of(share.count());
          String first = names.declare(share.from());
          String last = names.declare(share.to());
          String run = "int $L = (int) ((long) $L * $L / parts)";
          method.addStatement(run, first, count.at(Code.Level.UNARY), "part");
          method.addStatement(run, last, count.at(Code.Level.UNARY), "(part + 1)");
          write(share.body());
        }
        case Statement.Int local ->
            method.addStatement(
                "int $L = $L", names.declare(local.name()), index.of(local.value()).block());
        case Statement.IntOf local -> {
          DType dtype = exprs.type(local.value()).dtype();
          Code value = exprs.of(local.value());
          boolean wide = dtype == DType.U32 || dtype == DType.U64;
          Code number = wide ? new ScalarCode(support).cast(value, dtype, DType.I64) : value;
          method.addStatement(
              "int $L = Math.clamp($L, 0, $L)",
              names.declare(local.name()),
              number.block(),
              index.of(last(local.limit())).block());
        }
        case Statement.Let local -> {
          Code value = exprs.of(local.value());
          method.addStatement(
              "$T $L = $L", JavaTypes.of(local.type()), names.declare(local.name()), value.block());
          locals.put(local.name(), local.type());
        }
        case Statement.Assign assign ->
            method.addStatement(
                "$L = $L", names.of(assign.name()), exprs.of(assign.value()).block());
        case Statement.Store store -> method.addStatement("$L", store(store).block());
        case Statement.If choice -> choice(choice);
        case Statement.Call call -> method.addStatement("$L", call(call).block());
      }
    }

    /// The last place of an axis; 0 where it may have none.
    private static Dim last(Dim limit) {
      Dim last = limit.minus(1);
      return Facts.NONE.atLeast(last, Dim.ZERO) ? last : last.max(Dim.ZERO);
    }

    private Code store(Statement.Store store) {
      DType dtype = kernel.buffers().get(store.buffer()).dtype();
      Place place = of(store.buffer(), store.at());
      Code value = exprs.of(store.value());
      return exprs.type(store.value()).vector()
          ? new VectorCode(support).store(place, value, store.lanesBelow().map(l -> mask(dtype, l)))
          : new ScalarCode(support).store(place, dtype, value);
    }

    private Code call(Statement.Call call) {
      List<Code> own = call.args().stream().map(index::of).toList();
      Function function = function(call.function());
      if (!function.shared()) {
        return call(name(function), own);
      }
      List<Code> args = new ArrayList<>();
      function.buffers().forEach(buffer -> buffer(bufferNames.get(buffer), args));
      args.addAll(own);
      return ScalarCode.call(shared.method(kernel, function), args);
    }

    private Function function(String called) {
      for (Function function : kernel.functions()) {
        if (function.name().equals(called)) {
          return function;
        }
      }
      throw new IllegalArgumentException(kernel.name() + " has no function " + called);
    }

    private static void buffer(String buffer, List<Code> args) {
      args.add(Code.primary("$L", buffer));
      args.add(Code.primary("$LAt", buffer));
    }

    /// A call of a method of the kernel, with its own arguments after those that all have.
    private Code call(String called, List<Code> own) {
      List<Code> args = new ArrayList<>();
      bufferNames.forEach(buffer -> buffer(buffer, args));
      kernel.sizes().forEach(s -> args.add(Code.primary("$L", names.of(s))));
      args.addAll(own);
      return ScalarCode.call(called, args);
    }
  }
}
