"""Given names and the short forms that people are called by, in the languages of the practices."""

from itertools import combinations
from typing import Final

from apps.practice.matching.words import words

# Each line is one name with its short forms; a form may be of several names.
_GROUPS: Final = """
alexander alexandre alex alec sandy sascha sasha
alexandra alex sandra sandy sascha sasha
andrew andy drew andreas andre
anthony tony antonio antoine toni
antoinette toni
barbara barb babs
benjamin ben benny
catherine katherine katharina cathy kathy kate katie kat katrin kathrin
charles charlie chuck carl karl
charlotte lotte charlie
christine christina chris tina christel
christopher christophe christoph chris kit
christian chris
daniel dan danny dani
daniela dani danielle
david dave davy
deborah debbie deb
dorothy dorothea dot dolly doris
edward ed eddie ted ned edouard eduard
elizabeth elisabeth elisa liz lizzie beth betty eliza lisa lise lisbeth elsa
emily emilie em milly
eugene gene
florence flo
francis frank francois franz francisco paco frankie
frances fran francoise franziska franzi
frederick fred freddy frederic friedrich fritz
gabriel gabe
gabriele gabriela gabi
george georg georges jorge
gerald gerry jerry gerard
gregory greg gregor
guillaume william wilhelm bill billy will willy willie guillermo
harold harry hal
heinrich henri henry harry hank heinz heini enrique
helen helene elena lena ellen
isabella isabelle isabel bella
jacob jakob jake
jacques james jim jimmy jamie jacky
janet jan
jean john jack johnny johann johannes hans jon juan ian ivan giovanni
jeanne jane jenny joan joanna johanna hanna giovanna
jeffrey jeff geoffrey geoff
jennifer jenny jen
jessica jess jessie
jonathan jon jonny
joseph joe josef jose joey pepe sepp giuseppe
joshua josh
judith judy
julia juliette julie jule giulia
kenneth ken kenny
kimberly kim
laurence lawrence larry lorenz lorenzo
leonard leo len lenny
louis lou ludwig luis luigi lewis
louise lou louisa luise luisa
madeline madeleine maddie
margaret marguerite margarete margarita maggie meg peggy greta grete gretchen marge rita
maria marie mary mia mitzi
mark marc marcus markus marco
martin marty
matthew matthieu matthias mathias matt mateo matteo
maximilian maxime max
michael michel miguel mike mick mickey micha mikhail michele
natalie nathalie natalia natasha nat
nathaniel nathan nat nate
nicholas nicolas nikolaus nick nico niko klaus claus
nicole nicky nicoletta nicola
olivia liv livia
oliver olivier olli
pamela pam
patricia pat patty trish
patrick pat paddy
peter pete pierre pedro pietro piotr
philip philippe phil felipe
raymond ray
rebecca becky becca rebekka
richard rick dick rich ricky ricardo
robert rob bob bobby robbie robin roberto
ronald ron ronnie
samuel sam sammy
samantha sam sammy
sarah sara sally
stephen steven steve stefan etienne stephan esteban
stephanie steffi steph stefanie
susan suzanne sue susie susanne suzie
theodore ted teddy theo theodor
theresa terese terry tess therese resi
thomas tom tommy tomas
timothy tim timmy
ulrich uli
ulrike uli
valentina val valentine
victor vic viktor
victoria vicky vickie viktoria
vincent vince vincenz
virginia ginny virginie
walter walt
wolfgang wolf
zachary zach zack
"""

_PAIRS: Final = frozenset(
    pair
    for line in _GROUPS.strip().splitlines()
    for one, other in combinations([words(name)[0] for name in line.split()], 2)
    for pair in ((one, other), (other, one))
)


def are_nicknames(a: str, b: str) -> bool:
    """Whether one folded given name is a short form of the other, or both of a third."""
    return (a, b) in _PAIRS
