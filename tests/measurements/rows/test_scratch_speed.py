import time, pytest
from datetime import timedelta
from django.test import Client
from tests.measurements.measured import *
from tests.dicomweb.archive import body
from apps.measurements.models import *
from apps.measurements.reports import reading_of
pytestmark = pytest.mark.django_db
def test_it(practice, client):
    t=time.process_time(); keep(practice,*[report(*[group(value(float(i)),tracking=dicoms.uid(5,i)) for i in range(200)],number=1)]); print("\nstore",time.process_time()-t)
    (s,)=store(practice, dicoms.ct_slice())
    t=time.process_time(); reading_of(s); print("read 200 groups",time.process_time()-t)
    base=list(Measurement.objects.all()); 
    from apps.archive.models import Study
    rep=MeasurementReport.objects.get()
    for k in range(1,500):
        rows=[]
        for m in base:
            m2=Measurement(**{f.attname:getattr(m,f.attname) for f in Measurement._meta.concrete_fields if f.attname!="id"}); m2.group=m.group+200*k; m2.measured_at=m.measured_at+timedelta(minutes=k); rows.append(m2)
        Measurement.objects.bulk_create(rows)
    print(Measurement.objects.count())
    for q in ({}, {"study":dicoms.STUDY_UID},{"patient":rep.study.patient_id},{"concept":"410668003"},{"tracking":dicoms.uid(5,7)},{"unit":"km"}):
        t=time.process_time(); client.get("/api/measurements",q).json(); print(q, time.process_time()-t)
    t=time.process_time(); n=len(body(client.get("/api/measurements",{"format":"csv"}))); print("csv",n,time.process_time()-t)
    t=time.process_time(); n=len(client.get("/api/measurements/series",{"patient":rep.study.patient_id}).json()["results"]); print("series",n,time.process_time()-t)
    u=client.get("/api/fhir/Observation?code=410668003&_sort=-date"); print(u.status_code)
    t=time.process_time(); client.get("/api/fhir/Observation?code=410668003&_sort=-date"); print("fhir",time.process_time()-t)
