package dev.sinter.dsl.write;

import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The nodes of a region as statements.
///
/// What is used once goes into the expression that uses it while the line stays short and holds one
/// product or convolution; all else has a name.
final class BodyWriter {
  /// Lines of the canonical form have 100 columns; names and indentation take their part.
  private static final int LONGEST = 72;

  /// A function of what another call gives may make two lines of it.
  private static final int LONGEST_WRAPPED = 140;

  private final Writing writing;
  private final List<String> lines;
  private final Map<Value, Piece> pieces;
  private final Map<Value, Integer> uses = new HashMap<>();
  private final Set<Node> hinted = new HashSet<>();

  /// What is not written yet, because what uses it may take it in; in the order of the nodes.
  private final Map<Value, Piece> pending = new LinkedHashMap<>();

  private final Ops ops;
  private final Map<Node, Idioms.Idiom> idioms = new HashMap<>();

  /// Results that stand in the text of their reader.
  private final Set<Value> inside = new HashSet<>();

  BodyWriter(Writing writing) {
    this(writing, new ArrayList<>(), new HashMap<>());
  }

  private BodyWriter(Writing writing, List<String> lines, Map<Value, Piece> pieces) {
    this.writing = writing;
    this.lines = lines;
    this.pieces = pieces;
    this.ops = new Ops(this);
  }

  Writing writing() {
    return writing;
  }

  /// A writer of a region inside, whose statements stand in braces of their own.
  BodyWriter inner() {
    return new BodyWriter(
        new Writing(writing.shared(), writing.locals(), writing.facts()),
        new ArrayList<>(),
        new HashMap<>());
  }

  /// The statements.
  List<String> lines() {
    return lines;
  }

  /// Gives a value of elsewhere a name.
  void define(Value value, Piece piece) {
    pieces.put(value, piece);
  }

  /// Writes the nodes of `region`, whose parameters have names.
  void write(Region region) {
    count(region);
    gather(region);
    for (Node node : region.nodes()) {
      // What has no result is there for its effect on what follows.
      if (node.results().isEmpty() || node.results().stream().anyMatch(r -> uses(r) > 0)) {
        Idioms.Idiom idiom = idioms.get(node);
        if (idiom != null) {
          give(node, idiom.maker());
        } else if (!isInside(node)) {
          ops.write(node);
        }
      }
    }
  }

  private boolean isInside(Node node) {
    return node.results().size() == 1 && inside.contains(node.result());
  }

  /// Writes the nodes of another region among this one's, whose parameters have names; answers the
  /// names of its results.
  List<String> nested(Region region) {
    BodyWriter other = new BodyWriter(writing, lines, pieces);
    other.write(region);
    List<String> names = region.results().stream().map(other::name).toList();
    other.flush();
    return names;
  }

  private void count(Region region) {
    region.results().forEach(result -> uses.merge(result, 1, Integer::sum));
    Map<String, Node> last = new HashMap<>();
    for (Node node : region.nodes().reversed()) {
      int used = node.results().isEmpty() ? 1 : node.results().stream().mapToInt(this::uses).sum();
      if (used > 0) {
        // What a broadcast repeats is written wherever the broadcast is.
        int times = node.op() instanceof Broadcast && Ops.isFree(node.op()) ? used : 1;
        node.operands().forEach(operand -> uses.merge(operand, times, Integer::sum));
        if (last.putIfAbsent(node.name(), node) == null && !node.name().isEmpty()) {
          hinted.add(node);
        }
      }
    }
  }

  /// Finds what several nodes say together, each node's readers before it.
  private void gather(Region region) {
    Idioms known = new Idioms(this);
    for (Node node : region.nodes().reversed()) {
      if (!isInside(node)
          && !Ops.isFree(node.op())
          && node.results().stream().anyMatch(r -> uses(r) > 0)) {
        known
            .of(node)
            .ifPresent(idiom -> {
              idioms.put(node, idiom);
              inside.addAll(idiom.inner());
            });
      }
    }
  }

  int uses(Value value) {
    return uses.getOrDefault(value, 0);
  }

  // ---- what values are called ----

  /// The text of a value in a place that asks for `level`.
  String text(Value value, int level) {
    return piece(value).at(level);
  }

  /// The expression that a value is.
  Piece piece(Value value) {
    Piece waiting = pending.get(value);
    if (waiting != null) {
      return waiting;
    }
    Piece known = pieces.get(value);
    if (known != null) {
      return known;
    }
    Node definer = value.definer();
    if (definer == null) {
      throw new IllegalStateException("a value of another region: " + value);
    }
    return ops.free(definer)
        .orElseThrow(() -> new IllegalStateException("not written yet: " + value));
  }

  /// The expression that a pending value is, which is now part of another.
  void taken(Value value) {
    pending.remove(value);
  }

  /// The name of a value, which is written as a statement of its own if it has none.
  String name(Value value) {
    Piece piece = piece(value);
    if (pieces.containsKey(value) && piece.text().matches("[a-z_][A-Za-z0-9_]*")) {
      return piece.text();
    }
    return let(value, piece);
  }

  /// Writes a statement that gives a value a name.
  String let(Value value, Piece piece) {
    pending.remove(value);
    String name = fresh(value);
    String type = piece.typed().isEmpty() ? "" : ": " + piece.typed();
    lines.add(name + type + " = " + piece.text());
    pieces.put(value, Piece.of(name));
    return name;
  }

  /// A new name for a value; one with `_` in front for one that nobody reads.
  String fresh(Value value) {
    Node node = value.definer();
    String own = node == null || hinted.contains(node) ? value.name() : "";
    String hint = own.isEmpty() && node != null ? Words.of(node) : own;
    return uses(value) == 0
        ? writing.locals().unread(hint.isEmpty() ? "unread" : hint)
        : writing.locals().value(hint, node == null ? "x" : Words.of(node));
  }

  /// Adds a statement that gives values names.
  void statement(String line) {
    lines.add(line);
  }

  /// How a node's text depends on its operands'.
  interface Maker {
    Piece make();
  }

  /// Keeps the text of a node's only result for its user if there is one, or writes it down.
  ///
  /// @param maker gives the text, in which operands stand as [#text] gives them
  void give(Node node, Maker maker) {
    Value result = node.results().getFirst();
    Set<Value> operands = new LinkedHashSet<>();
    reached(node, operands);
    Piece piece = maker.make();
    while (tooMuch(piece, node)) {
      Optional<Value> longest =
          operands.stream()
              .filter(pending::containsKey)
              .max(Comparator.comparingInt(v -> weight(pending.get(v))));
      if (longest.isEmpty()) {
        break;
      }
      name(longest.get());
      piece = maker.make();
    }
    Piece made = piece.heavy(heavy(node, operands));
    operands.forEach(this::taken);
    if (uses(result) == 1) {
      pending.put(result, made);
    } else {
      let(result, made);
    }
  }

  /// The values whose text stands in that of `node`: through what is written wherever it is used.
  private void reached(Node node, Set<Value> into) {
    for (Value operand : node.operands()) {
      into.add(operand);
      Node definer = operand.definer();
      boolean within = inside.contains(operand) || isFree(operand);
      if (definer != null && within && !pieces.containsKey(operand)) {
        reached(definer, into);
      }
    }
  }

  private boolean isFree(Value value) {
    return value.definer() != null && Ops.isFree(value.definer().op());
  }

  private static int weight(@Nullable Piece piece) {
    return piece == null ? 0 : piece.text().length() + 1000 * piece.heavy();
  }

  private boolean tooMuch(Piece piece, Node node) {
    Set<Value> operands = new HashSet<>();
    reached(node, operands);
    boolean wraps = node.op() instanceof Pointwise && node.operands().size() == 1;
    int most = wraps ? LONGEST_WRAPPED : LONGEST;
    return piece.text().length() + piece.typed().length() > most || heavy(node, operands) > 1;
  }

  private int heavy(Node node, Set<Value> operands) {
    int heavy = Ops.isHeavy(node.op()) ? 1 : 0;
    for (Value operand : operands) {
      Piece waiting = pending.get(operand);
      heavy += waiting == null ? 0 : waiting.heavy();
      Node definer = operand.definer();
      heavy += definer != null && inside.contains(operand) && Ops.isHeavy(definer.op()) ? 1 : 0;
    }
    return heavy;
  }

  /// Writes down all that still waits.
  void flush() {
    for (Value value : new ArrayList<>(pending.keySet())) {
      name(value);
    }
  }
}
