package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Part;
import dev.sinter.passes.FusedGraph.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Where the values of a body lie and how long they are needed, and where its results have to end.
///
/// A result that may be written where it has to end has a target; another is copied there once all
/// parts have run.
final class Places {
  private final Memory memory;
  private final Body body;
  private final boolean outermost;
  private final Map<Value, Source> sources;
  private final Map<Value, Source.Place> targets = new HashMap<>();
  private final Map<Value, List<Source.Place>> copies = new LinkedHashMap<>();
  private final Map<Value, Integer> lastUse = new HashMap<>();
  private final Set<Node> views = new HashSet<>();
  private int position;

  /// @param given how each parameter is read
  /// @param outermost whether the body is the program's own
  Places(Memory memory, Body body, Map<Value, Source> given, boolean outermost) {
    this.memory = memory;
    this.body = body;
    this.sources = new HashMap<>(given);
    this.outermost = outermost;
  }

  /// Tells in which order the parts will come, from which follows when a value is used last.
  void order(List<Part> parts) {
    for (Part part : parts) {
      if (part instanceof View(Node node)) {
        views.add(node);
      }
    }
    for (int i = 0; i < parts.size(); i++) {
      for (Value value : parts.get(i).inputs()) {
        lastUse.merge(viewed(value), i, Math::max);
      }
    }
    for (Value result : body.region().results()) {
      lastUse.put(viewed(result), Integer.MAX_VALUE);
    }
  }

  /// Goes on to the next part.
  void next() {
    position++;
  }

  /// How `value` is read.
  Source source(Value value) {
    Source source = sources.get(value);
    if (source == null) {
      throw new CompilerBug("Lower", value + " is read before it is made");
    }
    return source;
  }

  /// Whether it is known how `value` is read.
  boolean has(Value value) {
    return sources.containsKey(value);
  }

  void put(Value value, Source source) {
    sources.put(value, source);
  }

  /// Writes `result` where it has to end.
  void aim(Value result, Source.Place target) {
    targets.put(result, target);
  }

  /// Where `result` has to end, if it may be written there.
  Source.@Nullable Place target(Value result) {
    return targets.get(result);
  }

  /// Where `result` has to end, if it may be written there, else memory of its own.
  Source.Place targetOrTemporary(Value result) {
    Source.Place target = targets.get(result);
    return target != null ? target : memory.temporary(result);
  }

  void copyAtEnd(Value value, Source.Place place) {
    copies.computeIfAbsent(value, _ -> new ArrayList<>()).add(place);
  }

  /// All that is to be copied once the parts have run.
  void forEachCopy(BiConsumer<Value, Source.Place> copy) {
    copies.forEach((value, places) -> places.forEach(place -> copy.accept(value, place)));
  }

  /// Whether `value` lies in the memory that `place` is in.
  boolean sameMemory(Value value, Source.Place place) {
    return sources.get(value) instanceof Source.Place own
        && memory.root(own.buffer()) == memory.root(place.buffer());
  }

  /// Whether one operand of `node`, and no other, lies in the memory that `place` is in.
  boolean isOnlyOperandIn(Node node, Source.Place place) {
    return node.operands().stream().filter(o -> sameMemory(o, place)).count() == 1;
  }

  /// Whether `value` is read at `place` already.
  boolean isAt(Value value, Source.Place place) {
    return place.equals(sources.get(value));
  }

  /// Whether `node` gives its operand under other sizes.
  boolean isView(Node node) {
    return views.contains(node);
  }

  /// The value that `value` looks at under other sizes.
  Value viewed(Value value) {
    Value whole = value;
    while (whole.definer() != null && views.contains(whole.definer())) {
      whole = whole.definer().operand(0);
    }
    return whole;
  }

  /// Whether the memory of `value` may be taken over by the part at hand. What a nested body gets
  /// from outside may be needed there again.
  boolean dies(Value value) {
    return (outermost || !body.region().params().contains(viewed(value)))
        && lastUse.getOrDefault(viewed(value), Integer.MAX_VALUE) == position
        && sources.get(value) instanceof Source.Place(int buffer, List<Dim> prefix)
        && prefix.isEmpty()
        && memory.isReusable(buffer);
  }
}
