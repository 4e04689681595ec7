/// The primitive, composite and control-flow ops, one file each.
package dev.sinter.ir.op;
