package dev.sinter.ir.text;

import dev.sinter.ir.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Every op by its mnemonic, found through the sealed interfaces, so that a new op needs no entry.
///
/// An op without attributes is a constant of an enum; the others are records whose mnemonic is
/// their name with small letters and underscores.
public final class OpTable {
  private final Map<String, Op> constants = new TreeMap<>();
  private final Map<String, Class<? extends Op>> records = new TreeMap<>();

  /// The table of all ops there are.
  public OpTable() {
    add(Op.class);
  }

  private void add(Class<? extends Op> type) {
    if (type.isRecord()) {
      records.put(Attributes.mnemonic(type), type);
    } else if (type.isEnum()) {
      for (Op op : type.getEnumConstants()) {
        constants.put(op.mnemonic(), op);
      }
    } else {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        add(permitted.asSubclass(Op.class));
      }
    }
  }

  /// All mnemonics, sorted.
  public List<String> mnemonics() {
    List<String> all = new ArrayList<>(constants.keySet());
    all.addAll(records.keySet());
    all.sort(null);
    return all;
  }

  /// The ops without attributes, by mnemonic.
  public Map<String, Op> constants() {
    return Map.copyOf(constants);
  }

  /// The classes of the ops with attributes, by mnemonic.
  public Map<String, Class<? extends Op>> records() {
    return Map.copyOf(records);
  }

  /// Reads the attributes of the op called `mnemonic`, which `cursor` has just passed.
  Op read(String mnemonic, int start, TextCursor cursor) {
    Op constant = constants.get(mnemonic);
    if (constant != null) {
      return constant;
    }
    Class<? extends Op> type = records.get(mnemonic);
    if (type == null) {
      throw cursor.fault(start, "there is no op " + mnemonic);
    }
    return Attributes.read(cursor, type);
  }
}
