package dev.sinter.passes;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Symbols for the turns of the loops of a program.
final class TurnNames {
  private final Set<String> symbols;
  private final List<String> turns = new ArrayList<>();

  /// @param symbols the names of sizes, which no turn may take
  TurnNames(Set<String> symbols) {
    this.symbols = new HashSet<>(symbols);
  }

  /// A symbol that no size and no other turn has.
  String fresh() {
    String symbol = "turn";
    for (int i = 2; !symbols.add(symbol); i++) {
      symbol = "turn" + i;
    }
    turns.add(symbol);
    return symbol;
  }

  /// The symbols of all turns so far.
  List<String> all() {
    return turns;
  }
}
