"""What a bundle's configuration may have made (`_target_`): networks, transforms and inferers that reach no file, no
network and no code of the bundle's own; pure."""

from typing import Final

_NETWORKS: Final = """
AHNet AttentionUnet BasicUNet BasicUNetPlusPlus BasicUnet BasicUnetPlusPlus DynUNet DynUnet HighResNet MedNeXt RegUNet
SegResNet SegResNetDS SegResNetVAE SwinUNETR UNETR UNet Unet VNet
"""
_LAYERS: Final = """
BatchNorm3d Conv3d ConvTranspose3d Dropout GroupNorm Identity InstanceNorm3d LeakyReLU PReLU ReLU Sequential Sigmoid
Softmax
"""
_INFERERS: Final = "SimpleInferer SlidingWindowInferer SlidingWindowInfererAdapt"
# Those that take a dictionary, as the specification wants them; without their suffix (`d`, `D`, `Dict`).
_TRANSFORMS: Final = """
Activations AsDiscrete BorderPad CastToType CenterSpatialCrop ClipIntensityPercentiles CropForeground DivisiblePad
EnsureChannelFirst EnsureType FillHoles Flip Invert LoadImage NormalizeIntensity Orientation RemoveSmallObjects Resize
ResizeWithPadOrCrop Rotate90 SaveImage ScaleIntensity ScaleIntensityRange ScaleIntensityRangePercentiles Spacing
SpatialPad SqueezeDim ThresholdIntensity ToDevice ToTensor Transpose
"""
COMPOSE: Final = "Compose"
LOADING: Final = "LoadImaged"
SAVING: Final = "SaveImaged"
_SUFFIXES: Final = ("Dict", "d", "D")
# Of a module's dotted path, by where its classes are.
_HOMES: Final = ("monai.networks.nets", "monai.inferers", "monai.transforms", "torch.nn")


def home_of(target: str) -> tuple[str, str] | None:
    """The module and the class that `target` (`UNet`, `monai.transforms.Spacingd`) names, None for what it may not.

    Transforms are named in one way: as `Spacingd`.
    """
    path, _, name = target.rpartition(".")
    found = _home_of(name)
    if found is None or not (path in ("", found[0]) or path.startswith(f"{found[0]}.")):
        return None
    return None if found[0] == "torch.nn" and not path else found


def _home_of(name: str) -> tuple[str, str] | None:
    networks, inferers, transforms, layers = _HOMES
    for home, names in ((networks, _NETWORKS), (inferers, _INFERERS), (layers, _LAYERS)):
        if name in names.split():
            return home, name
    if name == COMPOSE:
        return transforms, COMPOSE
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and (plain := name.removesuffix(suffix)) in _TRANSFORMS.split():
            return transforms, f"{plain}d"
    return None
