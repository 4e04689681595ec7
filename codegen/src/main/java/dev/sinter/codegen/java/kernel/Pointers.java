package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.CodeBlock;
import dev.sinter.codegen.java.kernel.Code.Level;
import dev.sinter.codegen.java.kernel.LoopAccesses.Access;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The byte offsets that an innermost loop counts from, computed before it as a rule.
///
/// C2 takes the check of bounds out of a loop where an offset is a `long` that does not change in
/// the loop plus a constant times the index; a sum of `int`s is checked in each turn.
final class Pointers {
  /// Where accesses count from, in elements.
  private record Origin(int buffer, Dim base) {}

  private final IndexCode index;
  private final List<LoopKernel.Buffer> buffers;
  private final List<String> names;
  private final Map<Origin, String> locals = new LinkedHashMap<>();
  private final Map<Element, CodeBlock> known = new HashMap<>();

  /// An element of a buffer.
  private record Element(int buffer, Dim at) {}

  private Pointers(IndexCode index, List<LoopKernel.Buffer> buffers, List<String> names) {
    this.index = index;
    this.buffers = buffers;
    this.names = names;
  }

  /// The pointers of `loop`, whose index is `i` in Java.
  static Pointers of(
      Statement.For loop,
      String i,
      LoopAccesses accesses,
      IndexCode index,
      List<LoopKernel.Buffer> buffers,
      List<String> bufferNames,
      JavaNames scope) {
    Pointers pointers = new Pointers(index, buffers, bufferNames);
    for (Access access : accesses.accesses()) {
      pointers.add(loop, accesses, access, i, scope);
    }
    return pointers;
  }

  /// Pointers of the first turns of each buffer, declared within the turn: accesses at known
  /// distances share one. For a loop of few and long turns that takes fewer registers, and the
  /// checks within the turns cost less than those before the loop.
  static Pointers within(
      LoopAccesses accesses,
      IndexCode index,
      List<LoopKernel.Buffer> buffers,
      List<String> bufferNames,
      JavaNames scope) {
    Pointers pointers = new Pointers(index, buffers, bufferNames);
    accesses.accesses().forEach(access -> pointers.share(access, scope));
    return pointers;
  }

  /// Pointers of the places that `integers` of the turn lead to, for which `index` and `scope` know
  /// the names: what is read at known distances from one another shares one. Their declarations.
  List<CodeBlock> inTurn(
      LoopAccesses accesses, Set<String> integers, IndexCode index, JavaNames scope) {
    Pointers turn = new Pointers(index, buffers, names);
    for (Access access : accesses.accesses()) {
      Set<String> inner = new HashSet<>(access.at().symbols());
      inner.retainAll(accesses.inner());
      // What elements lead to is declared further on, where they have been read.
      if (!inner.isEmpty() && integers.containsAll(inner)) {
        turn.share(access, scope);
      }
    }
    known.putAll(turn.known);
    return turn.declarations();
  }

  private void share(Access access, JavaNames scope) {
    if (buffers.get(access.buffer()).dtype().bits() < 8) {
      return;
    }
    Origin origin =
        locals.keySet().stream()
            .filter(o -> o.buffer() == access.buffer() && isFixed(access.at().minus(o.base())))
            .findFirst()
            .orElseGet(() -> new Origin(access.buffer(), access.at()));
    String local =
        locals.computeIfAbsent(origin, o -> scope.fresh(names.get(o.buffer()) + "From", ""));
    Dim distance = access.at().minus(origin.base());
    known.put(
        new Element(access.buffer(), access.at()),
        distance.is(0)
            ? CodeBlock.of("$L", local)
            : CodeBlock.of("$L + $L", local, bytes(access.buffer(), distance)));
  }

  /// Whether a distance is the same in each run of the code on a machine.
  private static boolean isFixed(Dim distance) {
    return distance.symbols().stream().allMatch(LoopKernel.LANES::equals);
  }

  private void add(
      Statement.For loop, LoopAccesses accesses, Access access, String i, JavaNames scope) {
    Dim stride = access.at().coefficient(loop.index());
    if (stride == null || stride.is(0) || buffers.get(access.buffer()).dtype().bits() < 8) {
      return;
    }
    Dim base = access.at().minus(stride.times(Dim.symbol(loop.index())));
    if (!accesses.isInvariant(base, loop.index()) || !accesses.isInvariant(stride, loop.index())) {
      return;
    }
    if (base.is(0)) {
      return;
    }
    String local =
        locals.computeIfAbsent(
            new Origin(access.buffer(), base),
            o -> scope.fresh(names.get(o.buffer()) + "From", ""));
    known.put(
        new Element(access.buffer(), access.at()),
        CodeBlock.of("$L + $L * $L", local, bytes(access.buffer(), stride), i));
  }

  private CodeBlock bytes(int buffer, Dim elements) {
    int bytes = buffers.get(buffer).dtype().bits() / 8;
    if (elements.isConstant()) {
      return CodeBlock.of("$LL", bytes * elements.constant());
    }
    return CodeBlock.of("$LL * $L", bytes, index.of(elements).at(Level.UNARY));
  }

  /// Their declarations.
  List<CodeBlock> declarations() {
    List<CodeBlock> out = new ArrayList<>();
    locals.forEach((origin, local) -> {
      CodeBlock start = CodeBlock.of("$LAt", names.get(origin.buffer()));
      out.add(
          CodeBlock.of("long $L = $L + $L", local, start, bytes(origin.buffer(), origin.base())));
    });
    return out;
  }

  /// The byte offset of an element, if a pointer leads there.
  Optional<CodeBlock> offset(int buffer, Dim at) {
    return Optional.ofNullable(known.get(new Element(buffer, at)));
  }
}
