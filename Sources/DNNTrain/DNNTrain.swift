// Whoever imports this module describes pictures and reads models in the words of these two.
@_exported import DNNModel
@_exported import MNISTInfer
